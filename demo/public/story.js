import { h } from './dom.js'
import { count } from './format.js'
import { sessionId, withSessionIds } from './sessionColour.js'
import { term } from './terms.js'

const { datadog } = window.DEMO

const places = {
  body: 'body field',
  query: 'query parameter',
  baggage: 'header baggage',
  'x-datadog-tags': 'header x-datadog-tags',
}

/**
 * The strip over the panels: one lane without and one with the plugin, each with its last call in three steps. Choosing a lane takes the
 * plugin out of the page, or puts it in again.
 */
export function startStory({ onChoose, onShowTrace, onShowSession }) {
  const lanes = new Map([...document.querySelectorAll('.story [data-mode]')].map((row) => [row.dataset.mode, row]))
  const calls = new Map()
  let mode = 'with'
  let ownSession

  function choose(next, { byPerson = false } = {}) {
    if (next === mode) return
    mode = next
    lanes.get(mode).querySelector('input').checked = true
    const { plugin } = window.DEMO
    if (mode === 'with') plugin.onInit({ publicApi: window.DD_RUM })
    else plugin.stop()
    onChoose({ byPerson })
  }
  for (const row of lanes.values()) {
    row.addEventListener('change', () => {
      choose(row.dataset.mode, { byPerson: true })
    })
  }
  // Browsers keep what was chosen over a reload; the plugin is in then.
  lanes.get(mode).querySelector('input').checked = true

  function render(laneMode) {
    const lane = lanes.get(laneMode)
    const call = calls.get(laneMode)
    const steps = call
      ? [wrote(call), added(call), traced(call, { onShowTrace, onShowSession })]
      : preview(laneMode, ownSession)
    lane.classList.toggle('preview', !call)
    for (const [index, cell] of [...lane.querySelectorAll('td')].entries()) {
      const focused = cell.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined
      cell.replaceChildren(h('div', { class: 'step' }, ...steps[index]))
      if (focused) cell.querySelector(`[data-focus="${focused}"]`)?.focus()
    }
  }
  for (const laneMode of lanes.keys()) render(laneMode)

  return {
    get mode() {
      return mode
    },
    choose,
    /** Makes `call` the one at hand of its lane. */
    show(call) {
      calls.set(call.mode, call)
      render(call.mode)
    },
    /** Shows what has become known of `call`, where it is still the one at hand. */
    update(call) {
      if (calls.get(call.mode) === call) render(call.mode)
    },
    setOwnSession(id) {
      ownSession = id
      render('with')
    },
  }
}

/** What a lane says before its first call. */
function preview(mode, ownSession) {
  const page = [note('any call to the agent'), h('code', {}, '{"message": "…"}')]
  if (mode === 'without') {
    return [page, [note('nothing')], [note('no session_id'), outcome('apart', 'No session leads to it.')]]
  }
  const id = ownSession ? sessionId(ownSession) : 'the RUM session id'
  return [
    page,
    [note('body field, query parameter or header'), h('code', {}, '"session_id": "', id, '"')],
    [note('session_id on every ', term('span', 'span')), outcome('joined', 'Session and trace lead to each other.')],
  ]
}

const outcome = (which, ...content) => h('p', { class: `outcome ${which}` }, ...content)
const note = (...content) => h('p', { class: 'note' }, ...content)

const wrote = (call) => [note(call.wrote.by), h('code', { title: call.wrote.text }, call.wrote.text)]

function added({ mode, carried, failed }) {
  if (mode === 'without') return [note('nothing')]
  if (!carried) return [note(failed ? 'The agent did not get it.' : '…')]
  if (carried.length === 0) return [note('nothing')]
  return carried.flatMap(({ in: place, text }) => [
    note(places[place] ?? place),
    h('code', { title: text }, ...withSessionIds(aroundId(text), (id) => id.slice(0, 8))),
  ])
}

/** The id with what stands right before and after it. */
function aroundId(text) {
  const at = text.search(/[0-9a-f]{8}-[0-9a-f]{4}-/)
  if (at < 0) return text
  const [start, end] = [Math.max(0, at - 30), at + 36 + 24]
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}

function traced({ trace, traceId, failed }, { onShowTrace, onShowSession }) {
  if (!trace) return [note(failed ? 'There is no trace.' : datadog ? 'It is in your Datadog account.' : 'on its way')]
  const { sessionId: id, spans } = trace
  const link = (name, focus, onclick) =>
    h('button', { type: 'button', class: 'quiet', 'data-focus': focus, onclick }, name)
  const withId = spans.filter(({ session_id }) => session_id === id).length
  const links = h(
    'span',
    { class: 'links' },
    id && link('Session', 'session', () => onShowSession(id)),
    link('Trace', 'trace', () => onShowTrace(traceId)),
  )
  if (!id) {
    return [
      h(
        'div',
        { class: 'step-text' },
        note(`no session_id on ${count(spans.length, 'span')}`),
        outcome('apart', 'No session leads to it.'),
      ),
      links,
    ]
  }
  const onSpans = withId === spans.length ? count(withId, 'span') : `${withId} of ${count(spans.length, 'span')}`
  return [
    h(
      'div',
      { class: 'step-text' },
      note(`on ${onSpans}`),
      outcome('joined', h('span', { class: 'mono' }, 'session_id '), sessionId(id)),
    ),
    links,
  ]
}
