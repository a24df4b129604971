/** @module-tag quick */

import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Carrier } from '../../../src/index.js'
import { CLIENTS, expectOnly } from '../../support/calls.js'
import { openPage, type Page } from '../../support/openPage.js'
import { flushRum } from '../../support/page.js'
import { PATIENTLY } from '../../support/patiently.js'
import { servers } from '../../support/servers.js'
import { membersOf } from '../../support/w3cBaggage.js'

const tracing = (options: object) => ({
  allowedTracingUrls: [{ match: `${servers.site.origin}/agent`, propagatorTypes: ['datadog', 'tracecontext'] }],
  ...options,
})

/** For every client: the members of the baggage that arrives. */
async function expectBaggage(page: Page, expected: string[], own?: string): Promise<void> {
  for (const client of CLIENTS) {
    const headers = own === undefined ? {} : { headers: { baggage: own } }
    const pair = await page.sendBoth({
      client,
      method: 'POST',
      body: { as: 'string', text: '{}' },
      ...headers,
    })
    expect(membersOf(pair.agent.header('baggage')).sort(), client).toEqual(expected)
    expect(pair.agent.query).toBeUndefined()
    expect(pair.agent.text).toBe('{}')
  }
}

describe('with the baggage carrier, a call that RUM may trace too has each key once', () => {
  const plugin = { origins: ['/agent'], carrier: 'baggage' } as const

  it.each<[name: string, init: () => object, isTraced: boolean]>([
    ['every trace is sampled', () => ({ traceSampleRate: 100 }), true],
    ['no trace is sampled', () => ({ traceSampleRate: 0 }), false],
    ['no trace is sampled but all are injected', () => ({ traceSampleRate: 0, traceContextInjection: 'all' }), true],
    ['RUM propagates no baggage', () => ({ traceSampleRate: 100, propagateTraceBaggage: false }), true],
    ['RUM propagates baggage explicitly', () => ({ traceSampleRate: 100, propagateTraceBaggage: true }), true],
    [
      'RUM traces with no propagator',
      () => ({ traceSampleRate: 100, allowedTracingUrls: [{ match: servers.site.origin, propagatorTypes: [] }] }),
      false,
    ],
    [
      'RUM traces other URLs',
      () => ({ traceSampleRate: 100, allowedTracingUrls: [`${servers.site.origin}/other`] }),
      false,
    ],
  ])('%s', async (_, init, isTraced) => {
    const page = await openPage({ plugin, init: tracing(init()) })
    const id = await page.sessionId()
    await expectBaggage(page, [`session.id=${id}`])
    await expectBaggage(page, ['a=1', `session.id=${id}`], 'a=1')
    const { agent } = await page.sendBoth({ client: 'XHR' })
    expect(agent.header('x-datadog-trace-id') !== undefined).toBe(isTraced)
    await page.close()
  })

  it.each([1, 2, 3, 4, 5, 6])('half of the traces are sampled (session %d)', async () => {
    const page = await openPage({ plugin, init: tracing({ traceSampleRate: 50 }) })
    const id = await page.sessionId()
    await expectBaggage(page, [`session.id=${id}`])
    await page.close()
  })

  it('part of the sessions and traces are sampled', async () => {
    let page: Page
    let id: string | undefined
    do {
      page = await openPage({ plugin, init: tracing({ sessionSampleRate: 60, traceSampleRate: 50 }) })
      await delay(300)
      id = await page.run(() => DD_RUM.getInternalContext()?.session_id)
    } while (id === undefined)
    await expectBaggage(page, [`session.id=${id}`])
    await page.close()
  })

  it.each([
    ['RUM adds baggage', { traceSampleRate: 100 }],
    ['RUM adds none', { traceSampleRate: 0 }],
  ])('user and account, when %s', async (_, init) => {
    const page = await openPage({
      plugin: { origins: ['/agent'], carrier: 'baggage', propagateUser: true },
      init: tracing(init),
    })
    const id = await page.sessionId()
    await page.run(() => {
      DD_RUM.setUser({ id: 'ann' })
      DD_RUM.setAccount({ id: 'acme' })
    })
    await expectBaggage(page, ['account.id=acme', `session.id=${id}`, 'user.id=ann'])
    await page.close()
  })
})

describe.each(['body', 'query'] as const)('with carrier %s', (carrier) => {
  it("RUM's own headers are added as they would be without the plugin", async () => {
    const page = await openPage({
      plugin: { origins: ['/agent'], carrier },
      init: { traceSampleRate: 100, allowedTracingUrls: [servers.site.origin] },
    })
    const id = await page.sessionId()
    for (const client of CLIENTS) {
      const call = { client, method: 'POST', body: { as: 'string', text: '{}' } } as const
      const pair = await page.sendBoth(call)
      expect(pair.agent.header('x-datadog-trace-id')).toMatch(/^\d+$/)
      expect(pair.agent.header('baggage')).toBe(`session.id=${id}`)
      const names = (request: typeof pair.agent) => request.rawHeaders.map(([name]) => name.toLowerCase()).sort()
      expect(names(pair.agent)).toEqual(names(pair.plain))
      expect([pair.agent.query, pair.agent.text]).toEqual(
        carrier === 'body' ? [undefined, `{"session_id":"${id}"}`] : [`session_id=${id}`, '{}'],
      )
    }
    await page.close()
  })
})

describe("RUM's own calls never carry the id", () => {
  const definition = (carrier: Carrier) => ({
    plugin: { origins: [servers.site.origin, /.*/, () => true], carrier },
  })

  it.each(['body', 'query', 'baggage'] as const)('through a proxy that an entry would match (%s)', async (carrier) => {
    const page = await openPage(definition(carrier))
    const id = await page.sessionId()
    const before = servers.site.rumRequests.length
    // The entries do match everything else.
    const { agent } = await page.sendBoth({ client: 'fetch(string, init)' })
    expect(agent.url + (agent.header('baggage') ?? '')).toContain(id)
    await page.run(() => {
      DD_RUM.addAction('one')
      DD_RUM.addError(new Error('two'))
    })
    await flushRum(page)
    await expect.poll(() => servers.site.rumRequests.length, PATIENTLY).toBeGreaterThan(before)
    await page.close()
    for (const { url, text } of servers.site.rumRequests.slice(before)) {
      expect(url).not.toContain('session_id')
      for (const line of text.split('\n').filter(Boolean)) {
        expect(JSON.parse(line)).not.toHaveProperty('session_id')
      }
    }
  })

  it.each(['body', 'query', 'baggage'] as const)('to the intake itself (%s)', async (carrier) => {
    servers.standInFor('browser-intake-datadoghq.com')
    const before = servers.secure.requests.length
    const page = await openPage({ ...definition(carrier), init: { proxy: undefined }, callInit: false })
    await page.run(
      ({ carrier }) =>
        DD_RUM.init({
          applicationId: '00000000-0000-4000-8000-000000000000',
          clientToken: 'pub00000000000000000000000000000000',
          sessionSampleRate: 100,
          telemetrySampleRate: 0,
          plugins: [DD_LLM_CORRELATION.llmCorrelation({ origins: [/.*/], carrier })],
        }),
      { carrier },
    )
    await page.sessionId()
    await page.run(() => DD_RUM.addAction('one'))
    await flushRum(page)
    await expect.poll(() => servers.secure.requests.length, PATIENTLY).toBeGreaterThan(before)
    for (const request of servers.secure.requests.slice(before)) {
      expect(request.header(':authority')).toBe('browser-intake-datadoghq.com')
      expect(request.url).not.toContain('session_id')
      expect(request.header('baggage')).toBeUndefined()
      expect(request.text).not.toMatch(/^\{"session_id"/)
    }
    await page.close()
  })
})

it('with the plugin, RUM sees each call as it goes out', async () => {
  const page = await openPage({ plugin: { origins: ['/agent'], carrier: 'query' } })
  const id = await page.sessionId()
  for (const client of ['fetch(string, init)', 'fetch(Request)', 'XHR'] as const) {
    expectOnly(await page.sendBoth({ client }), { query: `session_id=${id}` })
  }
  const resources = () =>
    servers.site.rumEvents.filter(
      (event) => event.session?.id === id && event.type === 'resource' && event.resource.url.includes('/agent/'),
    )
  await delay(500)
  await flushRum(page)
  await expect.poll(() => resources().length, PATIENTLY).toBe(3)
  for (const { resource } of resources()) {
    expect(resource.url).toContain(`?session_id=${id}`)
    // Phases come from the browser's timing entry, which is found by the exact URL.
    expect(resource).toHaveProperty('first_byte')
    expect(resource).toHaveProperty('download')
  }
  await page.close()
})
