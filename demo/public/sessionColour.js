// @ts-check
import { h } from './dom.js'

/** @type {Map<string, string>} */
const hues = new Map()
const goldenAngle = 137.508

/**
 * Gives each session its own hue, in the order in which they come. Successive hues differ by much.
 *
 * @param {string} id
 */
function hueOf(id) {
  if (!hues.has(id)) hues.set(id, ((45 + hues.size * goldenAngle) % 360).toFixed(1))
  return hues.get(id)
}

/** @param {string} id */
export const hueStyle = (id) => `--hue: ${hueOf(id)}`

/**
 * A session id in the colour of its session. The default text is a short form of the id.
 *
 * @param {string} id
 * @param {string} [text]
 */
export function sessionId(id, text = id.slice(0, 8)) {
  return h('span', { class: 'id', 'data-id': id, title: id, style: hueStyle(id) }, text)
}

/**
 * The text, with each session id in its colour.
 *
 * @param {string} text
 * @param {(id: string) => string} [show]
 */
export function withSessionIds(text, show = (id) => id) {
  return text
    .split(/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/)
    .map((part, index) => (index % 2 === 1 && hues.has(part) ? sessionId(part, show(part)) : part))
}

/**
 * Lights up each place that shows a session id while somebody points at one, or has the focus on
 * one.
 */
export function lightUpTogether() {
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets.push(sheet)
  /** @param {string | undefined} id */
  const light = (id) => sheet.replaceSync(id ? `[data-id="${CSS.escape(id)}"] { --lit: 1 }` : '')
  /**
   * @param {Element} target
   * @returns {HTMLElement | null}
   */
  const idAt = (target) => target.closest('[data-id]') ?? target.querySelector(':scope > [data-id]')
  for (const type of ['pointerover', 'focusin']) {
    document.addEventListener(type, ({ target }) => light(idAt(/** @type {Element} */ (target))?.dataset.id))
  }
  document.addEventListener('focusout', () => light(undefined))
  document.documentElement.addEventListener('pointerleave', () => light(undefined))
}
