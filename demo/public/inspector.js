import { byId, focusIn, h } from './dom.js'
import { withSessionIds } from './sessionColour.js'

let opener

/**
 * Opens the side sheet on one received item: its main facts, a way from there, and the JSON as it came. When it closes, the focus goes
 * back to what has the `focus` name, even if that was drawn anew in the meantime.
 */
export function inspect({ kind, title, facts = [], texts = [], json, link, focus }) {
  const dialog = byId('inspector')
  opener = focus
  byId('inspector-kind').textContent = kind
  byId('inspector-title').textContent = title
  byId('inspector-body').replaceChildren(
    h('dl', { class: 'facts' }, ...facts.filter(([, value]) => value).map(([name, value]) => fact(name, value))),
    link ? h('button', { type: 'button', onclick: () => follow(link) }, link.name) : '',
    ...texts.filter(([, value]) => value).flatMap(([name, value]) => [h('h3', {}, name), h('pre', {}, value)]),
    h('h3', {}, 'As received'),
    h('pre', { class: 'json' }, ...withSessionIds(JSON.stringify(json, null, 2))),
  )
  dialog.showModal()
  byId('inspector-body').scrollTop = 0

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

const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', { class: 'mono' }, ...withSessionIds(value)))
