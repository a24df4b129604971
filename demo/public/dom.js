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

/** @import { Carrier } from 'rum-llm-correlation' */

/** @import { Client } from './page.js' */

/**
 * The form of the chat, with its fields by name.
 *
 * @typedef {HTMLFormElement &
 *   { message: HTMLInputElement, carrier: Choice<Carrier>, client: Choice<Client> }} Composer
 */

/**
 * @template {string} Value
 * @typedef {RadioNodeList & { value: Value }} Choice
 */

/**
 * The elements of page.html that are more than an HTMLElement, by id.
 *
 * @typedef {object} Elements
 * @property {Composer} composer
 * @property {HTMLDialogElement} inspector
 * @property {HTMLInputElement} message
 * @property {HTMLSelectElement} user
 */

/**
 * The element with this id. Only for elements that page.html has: nothing checks it.
 *
 * @template {string} Id
 * @param {Id} id
 * @returns {Id extends keyof Elements ? Elements[Id] : HTMLElement}
 */
export const byId = (id) => /** @type {any} */ (document.getElementById(id))

/**
 * The first element in `container` that matches. Only for elements that page.html has: nothing
 * checks it.
 *
 * @param {string} selector
 * @param {ParentNode} [container]
 */
export const find = (selector, container = document) => /** @type {HTMLElement} */ (container.querySelector(selector))

/**
 * Puts `element` where `order` wants it: the highest comes first. It replaces the element with the
 * same key, and takes over the focus if that was on the old element or inside it.
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
 * What takes the focus under a name that survives when it is drawn again.
 *
 * @param {ParentNode} container
 * @param {string} name
 * @returns {HTMLElement | null}
 */
export const focusable = (container, name) => container.querySelector(`[data-focus="${CSS.escape(name)}"]`)

/**
 * @param {ParentNode} container
 * @param {string} name
 */
export const focusIn = (container, name) => focusable(container, name)?.focus()

/**
 * Scrolls to an element, moves the focus there, and lets it light up for a moment. Does nothing if
 * it has not been drawn yet.
 *
 * @param {HTMLElement | null | undefined} element
 */
export function reveal(element) {
  if (!element) return
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

/**
 * Says `text` in a list while it is empty.
 *
 * @param {HTMLElement} list
 * @param {boolean} isEmpty
 * @param {string} text
 */
export function showEmpty(list, isEmpty, text) {
  const old = list.querySelector(':scope > .empty')
  if (isEmpty && !old) list.append(h('div', { class: 'empty' }, h('p', {}, text)))
  if (!isEmpty) old?.remove()
}
