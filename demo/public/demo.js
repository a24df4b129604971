// The user interface that both pages share. By now the page has started RUM with the plugin.
import { showAgentState } from './agentState.js'
import { startChat } from './chat.js'
import { byId, h } from './dom.js'
import { startInspector } from './inspector.js'
import { startObservability } from './observability.js'
import { lightUpTogether, sessionId } from './sessionColour.js'
import { startStory } from './story.js'
import { followStream } from './stream.js'
import { explainTerms } from './terms.js'

const rum = window.DD_RUM
const { datadog } = window.DEMO
const ownSession = () => rum.getInternalContext()?.session_id

const users = {
  ada: { user: { id: 'ada', name: 'Ada' }, account: { id: 'nordlicht', name: 'Nordlicht Café' } },
  joao: { user: { id: 'joao', name: 'João' }, account: { id: 'bar-central', name: 'Bar Central' } },
}

let chat
const observability = datadog
  ? undefined
  : startObservability({ ownSession, onTrace: (trace) => chat.traceReceived(trace), showPanel })
const jumps = {
  onShowTrace: (id) => observability?.showTrace(id),
  onShowSession: (id) => observability?.showSession(id),
}
const story = startStory({ onChoose: (how) => chat.modeChanged(how), ...jumps })
chat = startChat({
  story,
  onAsk: () => observability?.showAll(),
  onAnswered: () => setTimeout(sendRumEvents, 400),
  ...jumps,
})

// What scrolls takes the focus, so that keys can scroll it.
for (const id of ['log', 'inspector-body']) byId(id).tabIndex = 0

startInspector()
startTabs()
startUserChoice()
lightUpTogether()
explainTerms()
markCurrentPage()
followOwnSession()
followStream({ ...observability, agent: showAgentState })
if (datadog) linkToDatadog()
else rum.onReady(() => setTimeout(sendRumEvents, 1000))

/**
 * RUM sends its events every 30 seconds, or when the page may be going away. A demo should not wait that long, so this
 * looks to RUM like a page that is being frozen.
 */
function sendRumEvents() {
  if (!datadog) window.dispatchEvent(Object.assign(new Event('freeze'), { __ddIsTrusted: true }))
}

function followOwnSession() {
  const element = byId('own-session')
  let shown
  setInterval(() => {
    const id = ownSession()
    if (id === shown) return
    shown = id
    element.replaceChildren(id ? sessionId(id) : 'none')
    story.setOwnSession(id)
    observability?.ownSessionChanged()
  }, 250)
}

function startUserChoice() {
  byId('user').addEventListener('change', ({ target }) => {
    const choice = users[target.value]
    if (!choice) {
      rum.clearUser()
      rum.clearAccount()
      return
    }
    rum.setUser(choice.user)
    rum.setAccount(choice.account)
  })
}

function markCurrentPage() {
  document.querySelector(`[data-page="${location.pathname}"]`)?.setAttribute('aria-current', 'page')
}

/** Where the window is too narrow for three panels, tabs choose the one that is seen. */
function startTabs() {
  const tabs = [...document.querySelectorAll('[role=tab]')]
  for (const tab of tabs) tab.addEventListener('click', () => showPanel(tab.getAttribute('aria-controls')))
  document.querySelector('[role=tablist]').addEventListener('keydown', ({ key }) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key]
    if (!step) return
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length]
    showPanel(next.getAttribute('aria-controls'))
    next.focus()
  })
}

function showPanel(id) {
  document.querySelector('.panels').dataset.panel = id
  for (const tab of document.querySelectorAll('[role=tab]')) {
    const isSelected = tab.getAttribute('aria-controls') === id
    tab.ariaSelected = String(isSelected)
    tab.tabIndex = isSelected ? 0 : -1
  }
}

/** With a Datadog account there is nothing to show here: the two panels link to where it is. */
function linkToDatadog() {
  const note = (path, what) =>
    h(
      'div',
      { class: 'empty' },
      h('p', {}, `${what} go to your Datadog account on ${datadog.site}.`),
      h('p', {}, h('a', { href: datadog.appUrl + path, target: '_blank', rel: 'noopener' }, 'Open them in Datadog')),
    )
  byId('sessions-list').append(note('/rum/sessions?query=%40type%3Asession%20service%3Acoffee-shop', 'RUM events'))
  byId('traces-list').append(note('/llm/traces?query=%40ml_app%3Aorder-support', 'LLM Observability spans'))
}
