// @ts-check
/** @typedef {Node | string | false | null | undefined} Child */

/**
 * Makes an element: `h('button', { class: 'quiet', onclick }, 'Close')`.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, any> | null} props
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, props = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (key === 'style') element.style.cssText = value
    else element.setAttribute(key, value === true ? '' : value)
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== false && child !== null) element.append(child)
  }
  return element
}

/**
 * The element of the page with this id. The page has all that are asked for.
 *
 * @param {string} id
 * @returns {any}
 */
export const byId = (id) => document.getElementById(id)

/**
 * Puts `element` in the place of the one with the same key, or where `order` (the highest comes first) wants it; the focus inside it
 * or on it survives.
 *
 * @param {HTMLElement} container
 * @param {{ key: string, order: number, element: HTMLElement }} item
 */
export function placeKeyed(container, { key, order, element }) {
  element.dataset.key = key
  element.dataset.order = String(order)
  const old = keyedIn(container, key)
  const hadFocus = old === document.activeElement
  const active = document.activeElement
  const focused = active instanceof HTMLElement && old?.contains(active) ? active.dataset.focus : undefined
  if (old?.getAnimations().length) element.classList.add('flash')
  old?.remove()
  const children = /** @type {HTMLElement[]} */ ([...container.children])
  const next = children.find((child) => !(Number(child.dataset.order) >= order))
  container.insertBefore(element, next ?? null)
  if (hadFocus) takeFocus(element)
  if (focused) focusIn(element, focused)
}

/**
 * @param {ParentNode} container
 * @param {string} key
 * @returns {HTMLElement | null}
 */
export const keyedIn = (container, key) => container.querySelector(`:scope > [data-key="${CSS.escape(key)}"]`)

/**
 * @param {ParentNode} container
 * @param {string} name
 */
export function focusIn(container, name) {
  /** @type {HTMLElement | null} */
  const element = container.querySelector(`[data-focus="${CSS.escape(name)}"]`)
  element?.focus()
}

/**
 * Scrolls to an element, moves the focus there, and lets it light up for a moment.
 *
 * @param {HTMLElement} element
 */
export function reveal(element) {
  flash(element)
  takeFocus(element)
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  element.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' })
}

/** @param {HTMLElement} element */
function takeFocus(element) {
  if (!element.matches('button')) element.tabIndex = -1
  element.focus({ preventScroll: true })
}

/** @param {HTMLElement} element */
export function flash(element) {
  element.classList.remove('flash')
  void element.offsetWidth // restarts the animation
  element.classList.add('flash')
}
