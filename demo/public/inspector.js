// @ts-check
import { byId, focusIn, h } from './dom.js'
import { withSessionIds } from './sessionColour.js'

/** @typedef {[name: string, value: string | undefined | false | null][]} Facts */

/**
 * @typedef {object} Item
 * @property {string} kind
 * @property {string} title
 * @property {Facts} [facts]
 * @property {Facts} [texts]
 * @property {object} json
 * @property {Link | undefined | false} [link]
 * @property {string} [focus]
 */

/** @typedef {{ name: string, onFollow: () => void }} Link */

/** @type {string | undefined} */
let opener

/**
 * Opens the side sheet on one received item: its main facts, a link to what belongs to it, and its
 * JSON. When the sheet closes, the focus goes back to the element with the `focus` name, even if it
 * was drawn again in the meantime.
 *
 * @param {Item} item
 */
export function inspect({ kind, title, facts = [], texts = [], json, link, focus }) {
  const dialog = byId('inspector')
  opener = focus
  byId('inspector-kind').textContent = kind
  byId('inspector-title').textContent = title
  byId('inspector-body').replaceChildren(
    h('dl', { class: 'facts' }, ...facts.map(([name, value]) => value && fact(name, value))),
    link ? h('button', { type: 'button', onclick: () => follow(link) }, link.name) : '',
    ...texts.flatMap(([name, value]) => (value ? [h('h3', {}, name), h('pre', {}, value)] : [])),
    h('h3', {}, 'As received'),
    h('pre', { class: 'json' }, ...withSessionIds(JSON.stringify(json, null, 2))),
  )
  dialog.showModal()
  byId('inspector-body').scrollTop = 0

  /** @param {Link} link */
  function follow({ onFollow }) {
    opener = undefined
    dialog.addEventListener('close', onFollow, { once: true })
    dialog.close()
  }
}

export function startInspector() {
  const dialog = byId('inspector')
  byId('inspector-close').addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())
  dialog.addEventListener('close', () => opener && focusIn(document, opener))
}

/**
 * @param {string} name
 * @param {string} value
 */
const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', { class: 'mono' }, ...withSessionIds(value)))
