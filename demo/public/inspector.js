import { byId, h } from './dom.js'

/** Opens the side sheet on one received item: its main facts, a way from there, and the JSON as it came. */
export function inspect({ kind, title, facts = [], texts = [], json, sessionId, link }) {
  const dialog = byId('inspector')
  byId('inspector-kind').textContent = kind
  byId('inspector-title').textContent = title
  byId('inspector-body').replaceChildren(
    h('dl', { class: 'facts' }, ...facts.filter(([, value]) => value).map(([name, value]) => fact(name, value))),
    link ? h('button', { type: 'button', onclick: () => [dialog.close(), link.onFollow()] }, link.name) : '',
    ...texts.filter(([, value]) => value).flatMap(([name, value]) => [h('h3', {}, name), h('pre', {}, value)]),
    h('h3', {}, 'As received'),
    h('pre', { class: 'json' }, ...marked(JSON.stringify(json, null, 2), sessionId)),
  )
  dialog.showModal()
  byId('inspector-body').scrollTop = 0
}

export function startInspector() {
  const dialog = byId('inspector')
  byId('inspector-close').addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())
}

const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', { class: 'mono' }, value))

function marked(text, part) {
  if (!part) return [text]
  return text.split(part).flatMap((piece, index) => (index === 0 ? [piece] : [h('mark', {}, part), piece]))
}
