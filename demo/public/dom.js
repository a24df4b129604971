/** Makes an element: `h('button', { class: 'quiet', onclick }, 'Close')`. */
export function h(name, props = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (key === 'style') element.style.cssText = value
    else element.setAttribute(key, value === true ? '' : value)
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false && child !== null))
  return element
}

export const byId = (id) => document.getElementById(id)

/**
 * Puts `element` in the place of the one with the same key, or where `order` (the highest comes first) wants it; the focus inside it
 * or on it survives.
 */
export function placeKeyed(container, { key, order, element }) {
  element.dataset.key = key
  element.dataset.order = order
  const old = keyedIn(container, key)
  const hadFocus = old === document.activeElement
  const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined
  if (old?.getAnimations().length) element.classList.add('flash')
  old?.remove()
  const next = [...container.children].find((child) => !(Number(child.dataset.order) >= order))
  container.insertBefore(element, next ?? null)
  if (hadFocus) takeFocus(element)
  if (focused) focusIn(element, focused)
}

export const keyedIn = (container, key) => container.querySelector(`:scope > [data-key="${CSS.escape(key)}"]`)

export const focusIn = (container, name) => container.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus()

/** Scrolls to an element, moves the focus there, and lets it light up for a moment. */
export function reveal(element) {
  flash(element)
  takeFocus(element)
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  element.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' })
}

function takeFocus(element) {
  if (!element.matches('button')) element.tabIndex = -1
  element.focus({ preventScroll: true })
}

export function flash(element) {
  element.classList.remove('flash')
  void element.offsetWidth // restarts the animation
  element.classList.add('flash')
}
