// @ts-check
import { byId, h } from './dom.js'

/**
 * A word with a sentence that explains it: `term('span', 'every span')`. The sentences are in the
 * page, as `explains-span`.
 *
 * @param {string} word
 * @param {string} text
 */
export const term = (word, text) =>
  h('button', { type: 'button', class: 'term', 'data-term': word, 'aria-describedby': `explains-${word}` }, text)

/** Explains a word while somebody points at it, or while it has the focus. */
export function explainTerms() {
  const bubble = byId('explanation')
  const hide = () => {
    bubble.hidden = true
  }
  /** @param {Event} event */
  const show = ({ target }) => {
    /** @type {HTMLElement | null} */
    const element = /** @type {Element} */ (target).closest('[data-term]')
    hide()
    if (!element) return
    bubble.textContent = byId(`explains-${element.dataset.term}`).textContent
    bubble.hidden = false
    placeBeside(bubble, element.getBoundingClientRect())
  }
  document.addEventListener('pointerover', show)
  document.addEventListener('focusin', show)
  document.addEventListener('focusout', hide)
  document.addEventListener('scroll', hide, { capture: true })
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && hide())
}

/**
 * Places the bubble below the word, or above it if there is no room. It never leaves the window.
 *
 * @param {HTMLElement} bubble
 * @param {DOMRect} word
 */
function placeBeside(bubble, { left, top, bottom }) {
  const gap = 6
  const { offsetWidth: width, offsetHeight: height } = bubble
  const below = bottom + gap
  const fitsBelow = below + height < window.innerHeight
  bubble.style.top = `${fitsBelow ? below : top - gap - height}px`
  bubble.style.left = `${Math.max(gap, Math.min(left, window.innerWidth - width - gap))}px`
}
