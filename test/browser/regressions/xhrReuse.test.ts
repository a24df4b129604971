import { describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import type { RumEvent } from '../../support/page.js'
import { ENTRY_PER_CARRIER, resourcesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

interface Sent {
  url: string
  body?: string
  headers?: Record<string, string>
  expected: { carrier: string; reason?: string; trace_id?: string } | undefined
}

const BAGGAGE: Sent = { url: '/agent/baggage', expected: { carrier: 'baggage' } }
const QUERY: Sent = { url: '/agent/query', expected: { carrier: 'query' } }
const TAGS: Sent = {
  url: '/agent/trace-tags',
  expected: { carrier: 'trace-tags', trace_id: expect.stringMatching(/^\d+$/) },
}
const BODY: Sent = { url: '/agent/body', body: '{"a":1}', expected: { carrier: 'body' } }
const GET: Sent = { url: '/agent/body', expected: { carrier: 'query' } }
const OWN: Sent = {
  url: '/agent/body',
  body: '{"session_id":"own"}',
  expected: { carrier: 'none', reason: 'page_value' },
}
const OTHER: Sent = { url: '/other', expected: undefined }

const SEQUENCES: Array<[name: string, calls: Sent[]]> = [
  ['a call with each carrier', [BAGGAGE, QUERY, TAGS, BODY]],
  ['calls that an entry takes, between ones that none does', [OTHER, BAGGAGE, OTHER, BODY, GET, OTHER]],
  ['a call that carries a value of the page, and others', [OWN, QUERY, OWN, BAGGAGE]],
]

/** In the page: makes the calls with one XHR, each as soon as the one before it lets go of it. */
const REUSE = {
  load: `xhr.addEventListener('load', next)`,
  loadend: `xhr.addEventListener('loadend', next)`,
  'the last readystatechange': `xhr.addEventListener('readystatechange', () => { if (xhr.readyState === 4) next() })`,
  onreadystatechange: 'xhr.onreadystatechange = () => { if (xhr.readyState === 4) next() }',
  'a microtask of load': `xhr.addEventListener('load', () => Promise.resolve().then(next))`,
  abort: 'abortsAtOnce = true',
  'a synchronous send': 'isSync = true',
}

const script = (
  moment: keyof typeof REUSE,
  calls: Sent[],
  part: string,
  isSameUrl = false,
) => `new Promise((resolve) => {
  const xhr = new XMLHttpRequest()
  const calls = ${JSON.stringify(calls)}
  let [index, isSync, abortsAtOnce] = [0, false, false]
  function next() {
    const call = calls[index]
    if (!call) return resolve()
    xhr.open(call.body ? 'POST' : 'GET', call.url + (${isSameUrl} ? '' : '?${part}&call=' + index + ';'), !isSync)
    index++
    if (call.body) xhr.setRequestHeader('content-type', 'application/json')
    xhr.send(call.body)
    if (abortsAtOnce) xhr.abort()
    if (isSync || abortsAtOnce) next()
  }
  ${REUSE[moment]}
  next()
})`

const told = (events: RumEvent[]) =>
  events
    .map(({ resource, context }) => [Number(/call=(\d+);/.exec(resource.url)?.[1]), context?.llm_correlation] as const)
    .sort(([one], [other]) => one - other)

let pages = 0

// Events and calls are told apart by their times, which a busy machine brings close to one another.
const retry = process.env.CI ? 4 : 0

describe.each(Object.keys(REUSE) as Array<keyof typeof REUSE>)('an XHR used again at once, after %s,', (moment) => {
  it.each(SEQUENCES)('tells on each event what its own call carried: %s', { retry }, async (_, calls) => {
    if (moment === 'abort') {
      skipIn(['firefox', 'webkit'], 'RUM has no event for an XHR that is aborted at once')
    }
    const page = await stage.open({ correlation: ENTRY_PER_CARRIER })
    const part = `reuse=${++pages}`
    const id = await page.sessionId()
    await page.evaluate(script(moment, calls, part))
    const events = await resourcesOf(stage.site, page, id, `${part}&`, calls.length)
    expect(told(events)).toEqual(calls.map(({ expected }, index) => [index, expected]))
    await page.close()
  })
})

it.each(['load', 'loadend', 'a synchronous send'] as const)(
  'an XHR used for the same URL again, after %s, tells on each event what that call carried',
  async (moment) => {
    const page = await stage.open({ correlation: ENTRY_PER_CARRIER })
    const id = await page.sessionId()
    const path = `/agent/body/same/${moment.replace(/\W/g, '')}`
    // Events tell their time in milliseconds.
    stage.site.respond(path, (_, response) => void setTimeout(() => response.end('{}'), 20))
    const calls = [OWN, BODY, OWN].map((call) => ({ ...call, url: path }))
    await page.evaluate(script(moment, calls, '', true))
    const events = await resourcesOf(stage.site, page, id, path, calls.length)
    const inOrder = events.sort((one, other) => one.date - other.date)
    expect(inOrder.map(({ context }) => context?.llm_correlation)).toEqual(calls.map(({ expected }) => expected))
    await page.close()
  },
)
