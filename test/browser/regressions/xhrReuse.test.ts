import { describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage } from '../../support/openPage.js'
import type { RumEvent } from '../../support/page.js'
import { CARRIERS, resourcesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

interface Sent {
  url: string
  body?: string
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

/** When the page makes the next call with the same XMLHttpRequest: as soon as the one before lets go of it. */
const MOMENTS = [
  'load',
  'loadend',
  'onreadystatechange',
  'a microtask of load',
  'abort',
  'a synchronous send',
  'the last readystatechange',
] as const
type Moment = (typeof MOMENTS)[number]

interface Call {
  url: string
  body?: string | undefined
}

/** In the page: makes the calls with one XMLHttpRequest. */
function makeCalls({ calls, moment }: { calls: Call[]; moment: Moment }): Promise<void> {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    let index = 0
    const next = () => {
      const call = calls[index++]
      if (!call) return resolve()
      xhr.open(call.body ? 'POST' : 'GET', call.url, moment !== 'a synchronous send')
      if (call.body) xhr.setRequestHeader('content-type', 'application/json')
      xhr.send(call.body)
      if (moment === 'abort') xhr.abort()
      // Events are told apart by their times, and the clock of a page ticks every tenth of a millisecond.
      for (const sent = performance.now(); performance.now() - sent < 0.5; );
      if (moment === 'abort' || moment === 'a synchronous send') next()
    }
    const nextWhenDone = () => {
      if (xhr.readyState === 4) next()
    }
    if (moment === 'load' || moment === 'loadend') xhr.addEventListener(moment, next)
    if (moment === 'a microtask of load') xhr.addEventListener('load', () => Promise.resolve().then(next))
    if (moment === 'the last readystatechange') xhr.addEventListener('readystatechange', nextWhenDone)
    if (moment === 'onreadystatechange') xhr.onreadystatechange = nextWhenDone
    next()
  })
}

const plugin = CARRIERS.map((carrier) => ({ match: `/agent/${carrier}`, carrier }))
const numberOf = ({ resource }: RumEvent) => Number(/call=(\d+);/.exec(resource.url)?.[1])
let pages = 0

describe.each(MOMENTS)('an XHR used again at once, after %s,', (moment) => {
  it.each(SEQUENCES)('tells on each event what its own call carried: %s', async (_, calls) => {
    if (moment === 'abort') {
      skipIn(['firefox', 'webkit'], 'RUM has no event for an XHR that is aborted at once')
    }
    const page = await openPage({ plugin })
    const id = await page.sessionId()
    const part = `reuse=${++pages}`
    const made = calls.map(({ url, body }, index) => ({ url: `${url}?${part}&call=${index};`, body }))
    await page.run(makeCalls, { calls: made, moment })
    const events = await resourcesOf(servers.site, page, id, `${part}&`, calls.length)
    for (const event of events) {
      const index = numberOf(event)
      const told = event.context?.llm_correlation
      // RUM hears of the end of such a call only with that of the next one. If the browser's timing entry comes before, RUM
      // makes an event of it that belongs to no XHR, and nothing is told on that.
      const mayBeUntold = moment === 'the last readystatechange' && index < calls.length - 1
      if (told !== undefined || !mayBeUntold) {
        expect(told, `call ${index}`).toEqual(calls[index]?.expected)
      }
    }
    expect(events.map(numberOf).sort()).toEqual([...calls.keys()])
    await page.close()
  })
})

it.each(['load', 'loadend', 'a synchronous send'] as const)(
  'an XHR used for the same URL again, after %s, tells on each event what that call carried',
  async (moment) => {
    const page = await openPage({ plugin })
    const id = await page.sessionId()
    const url = `/agent/body/same/${moment.replace(/\W/g, '')}`
    // Events tell their time in milliseconds.
    servers.site.respond(url, (_, response) => void setTimeout(() => response.end('{}'), 20))
    const calls = [OWN, BODY, OWN]
    await page.run(makeCalls, { calls: calls.map(({ body }) => ({ url, body })), moment })
    const events = await resourcesOf(servers.site, page, id, url, calls.length)
    const inOrder = events.sort((one, other) => one.date - other.date)
    expect(inOrder.map(({ context }) => context?.llm_correlation)).toEqual(calls.map(({ expected }) => expected))
    await page.close()
  },
)
