// @ts-check
// The user interface of both pages. It starts after RUM and the plugin.
import { showAgentState } from './agentState.js'
import { Chat } from './chat.js'
import { byId, find, h } from './dom.js'
import { startInspector } from './inspector.js'
import { Observability } from './observability.js'
import { lightUpTogether, sessionId } from './sessionColour.js'
import { Story } from './story.js'
import { followStream } from './stream.js'
import { explainTerms } from './terms.js'

const rum = window.DD_RUM
const { datadog } = window.DEMO
const ownSession = () => rum.getInternalContext()?.session_id

/** @type {Record<string, { user: { id: string, name: string }, account: { id: string, name: string } }>} */
const users = {
  ada: { user: { id: 'ada', name: 'Ada' }, account: { id: 'nordlicht', name: 'Nordlicht Café' } },
  joao: { user: { id: 'joao', name: 'João' }, account: { id: 'bar-central', name: 'Bar Central' } },
}

const observability = datadog
  ? undefined
  : new Observability({ ownSession, onTrace: (trace) => chat.traceReceived(trace), showPanel })
/** @type {import('./page.js').Jumps} */
const jumps = {
  onShowTrace: (id) => observability?.showTrace(id),
  onShowSession: (id) => observability?.showSession(id),
}
const story = new Story({ onChoose: (how) => chat.modeChanged(how), jumps })
const chat = new Chat({
  story,
  jumps,
  onAsk: () => observability?.showAll(),
  onAnswered: () => setTimeout(sendRumEvents, 400),
})

// Keys can scroll only what takes the focus.
for (const id of ['log', 'inspector-body']) byId(id).tabIndex = 0

startInspector()
startTabs()
startUserChoice()
lightUpTogether()
explainTerms()
markCurrentPage()
followOwnSession()
followStream({ ...observability?.listener(), agent: showAgentState })
if (datadog) linkToDatadog(datadog)
else rum.onReady(() => setTimeout(sendRumEvents, 1000))

/**
 * RUM sends its events every 30 seconds, or when the browser freezes the page. A demo should not
 * wait that long, so this dispatches a `freeze` event that RUM takes for the browser's.
 */
function sendRumEvents() {
  if (!datadog) window.dispatchEvent(Object.assign(new Event('freeze'), { __ddIsTrusted: true }))
}

function followOwnSession() {
  const element = byId('own-session')
  /** @type {string | undefined} */
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
  const select = byId('user')
  select.addEventListener('change', () => {
    const choice = users[select.value]
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

/** If the window is too narrow for three panels, it shows one. Tabs choose which. */
function startTabs() {
  for (const tab of tabs()) tab.addEventListener('click', () => showPanel(panelOf(tab)))
  find('[role=tablist]').addEventListener('keydown', ({ key }) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key]
    if (!step) return
    const all = tabs()
    const at = all.findIndex((tab) => tab.matches(':focus'))
    const next = all.at((at + step) % all.length)
    if (!next) return
    showPanel(panelOf(next))
    next.focus()
  })
}

function tabs() {
  return [...find('[role=tablist]').querySelectorAll('button')]
}

/** @param {HTMLElement} tab */
function panelOf(tab) {
  return tab.getAttribute('aria-controls') ?? ''
}

/** @param {string} id */
function showPanel(id) {
  find('.panels').dataset.panel = id
  for (const tab of tabs()) {
    const isSelected = panelOf(tab) === id
    tab.ariaSelected = String(isSelected)
    tab.tabIndex = isSelected ? 0 : -1
  }
}

/**
 * With a Datadog account nothing is received here, so the two panels link to Datadog.
 *
 * @param {NonNullable<typeof datadog>} account
 */
function linkToDatadog(account) {
  /**
   * @param {string} path
   * @param {string} what
   */
  const note = (path, what) =>
    h(
      'div',
      { class: 'empty' },
      h('p', {}, `${what} go to your Datadog account on ${account.site}.`),
      h('p', {}, h('a', { href: account.appUrl + path, target: '_blank', rel: 'noopener' }, 'Open them in Datadog')),
    )
  byId('sessions-list').append(note('/rum/sessions?query=%40type%3Asession%20service%3Acoffee-shop', 'RUM events'))
  byId('traces-list').append(note('/llm/traces?query=%40ml_app%3Aorder-support', 'LLM Observability spans'))
}
