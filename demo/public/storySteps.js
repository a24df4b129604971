// @ts-check
import { h } from './dom.js'
import { count } from './format.js'
import { sessionId, withSessionIds } from './sessionColour.js'
import { term } from './terms.js'

/** @import { Child } from './dom.js' */

/** @import { Call, Jumps, Mode, Trace } from './page.js' */

const { datadog } = window.DEMO

/** @type {Record<string, string>} */
const places = {
  body: 'body field',
  query: 'query parameter',
  baggage: 'header baggage',
  'x-datadog-tags': 'header x-datadog-tags',
}

/**
 * What a lane says before its first call.
 *
 * @param {Mode} mode
 * @param {string | undefined} ownSession
 */
export function preview(mode, ownSession) {
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

/**
 * What a lane says of a call: what the page wrote, what the plugin added, and what the trace has.
 *
 * @param {Call} call
 * @param {Jumps} jumps
 */
export const stepsOf = (call, jumps) => [wrote(call), added(call), traced(call, jumps)]

/**
 * @param {'joined' | 'apart'} which
 * @param {...Child} content
 */
const outcome = (which, ...content) => h('p', { class: `outcome ${which}` }, ...content)

/** @param {...Child} content */
const note = (...content) => h('p', { class: 'note' }, ...content)

/** @param {Call} call */
const wrote = (call) => [note(call.wrote.by), h('code', { title: call.wrote.text }, call.wrote.text)]

/** @param {Call} call */
function added({ mode, carried, failed }) {
  if (mode === 'without') return [note('nothing')]
  if (!carried) return [note(failed ? 'The agent did not get it.' : '…')]
  if (carried.length === 0) return [note('nothing')]
  return carried.flatMap(({ in: place, text }) => [
    note(places[place] ?? place),
    h('code', { title: text }, ...withSessionIds(aroundId(text), (id) => id.slice(0, 8))),
  ])
}

/**
 * The id, with the text right before and after it.
 *
 * @param {string} text
 */
function aroundId(text) {
  const at = text.search(/[0-9a-f]{8}-[0-9a-f]{4}-/)
  if (at < 0) return text
  const [start, end] = [Math.max(0, at - 30), at + 36 + 24]
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}

/**
 * @param {Call} call
 * @param {Jumps} jumps
 */
function traced({ trace, failed }, { onShowTrace, onShowSession }) {
  if (!trace) return [note(failed ? 'There is no trace.' : datadog ? 'It is in your Datadog account.' : 'on its way')]
  const { sessionId: session } = trace
  return [
    h('div', { class: 'step-text' }, ...sessionOfSpans(trace)),
    h(
      'span',
      { class: 'links' },
      session && linkTo('Session', () => onShowSession(session)),
      linkTo('Trace', () => onShowTrace(trace.id)),
    ),
  ]
}

/**
 * @param {string} name
 * @param {() => void} onclick
 */
const linkTo = (name, onclick) =>
  h('button', { type: 'button', class: 'quiet', 'data-focus': name.toLowerCase(), onclick }, name)

/** @param {Trace} trace */
function sessionOfSpans({ sessionId: session, spans }) {
  const all = count(spans.length, 'span')
  if (!session) return [note(`no session_id on ${all}`), outcome('apart', 'No session leads to it.')]
  const withId = spans.filter(({ session_id }) => session_id === session).length
  return [
    note(`on ${withId === spans.length ? all : `${withId} of ${all}`}`),
    outcome('joined', h('span', { class: 'mono' }, 'session_id '), sessionId(session)),
  ]
}
