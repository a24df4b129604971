import { randomUUID } from 'node:crypto'
import { isSampled } from '@datadog/browser-core'
import { describe, expect, it } from 'vitest'
import { type Call, type Client, send } from '../../support/calls.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import { openPage, type Page } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { membersOf } from '../../support/w3cBaggage.js'

const CLIENTS: Client[] = ['fetch(string, init)', 'fetch(Request)', 'fetch(Request, init)', 'XHR']
const CORRELATION = { origins: ['/agent'], carrier: 'baggage', propagateUser: true } as const
const SDKS_WITH_BAGGAGE = RUM_SDKS.filter(({ version }) => version > 5)

/** SDK 6 propagates no baggage unless it is told to. */
const tracing = (version: number, options: object) => ({
  allowedTracingUrls: [servers.site.origin],
  ...(version === 6 ? { propagateTraceBaggage: true } : {}),
  ...options,
})

/** A session id that is sampled at rates from `high` up, and not at rates up to `low`. */
function sessionBetween(low: number, high: number): string {
  for (;;) {
    const id = randomUUID()
    if (isSampled(id, high) && !isSampled(id, low)) {
      return id
    }
  }
}

/** In the page: has RUM go on with a session that it began on an earlier page. */
function resume(id: string): void {
  const session = { id, rum: 2, created: Date.now(), expire: Date.now() + 6e5 }
  // biome-ignore lint/suspicious/noDocumentCookie: it is where the SDK looks
  document.cookie = `_dd_s=${Object.entries(session)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')};path=/`
}

let count = 0

async function callAll(page: Page, headers?: Record<string, string>): Promise<Array<[Client, CapturedRequest]>> {
  return Promise.all(
    CLIENTS.map(async (client): Promise<[Client, CapturedRequest]> => {
      const url = `/agent/${++count}`
      const body: Call['body'] = { as: 'string', text: '{}' }
      await page.run(send, { client, url, method: 'POST', body, ...(headers && { headers }) })
      return [client, await servers.site.only(url)]
    }),
  )
}

/** For every client: what arrives, with the page's own baggage and without. */
async function expectBaggage(page: Page, expected: string[], isTraced: boolean): Promise<void> {
  for (const own of [undefined, 'a=1;p']) {
    for (const [client, request] of await callAll(page, own === undefined ? own : { baggage: own })) {
      const members = own === undefined ? expected : [own, ...expected]
      expect(membersOf(request.header('baggage')).sort(), client).toEqual(members.sort())
      expect(request.header('x-datadog-trace-id') !== undefined, client).toBe(isTraced)
      expect([request.query, request.text]).toEqual([undefined, '{}'])
    }
  }
}

describe.each(SDKS_WITH_BAGGAGE)('with RUM SDK $version propagating baggage, each key arrives once', (sdk) => {
  const RATES = { sessionSampleRate: 60, traceSampleRate: 50 }
  const isSdk6 = sdk.version === 6
  it.each<[name: string, session: string, options: object, isTraced: boolean]>([
    ['the session and its trace are sampled', sessionBetween(0, 25), RATES, true],
    ['SDK 6 samples the trace, SDK 7 does not', sessionBetween(35, 45), RATES, isSdk6],
    ['the session is sampled and its trace is not', sessionBetween(52, 58), RATES, false],
    ['no trace is sampled', randomUUID(), { traceSampleRate: 0 }, false],
    ['the trace is not sampled but injected', sessionBetween(52, 58), { ...RATES, traceContextInjection: 'all' }, true],
    [
      'the trace is sampled and all are injected',
      sessionBetween(0, 25),
      { ...RATES, traceContextInjection: 'all' },
      true,
    ],
  ])('%s', async (_, session, options, isTraced) => {
    const page = await openPage({
      sdk: sdk.rum,
      before: inPage(resume, session),
      plugin: CORRELATION,
      init: tracing(sdk.version, options),
      after: () => {
        DD_RUM.setUser({ id: 'ann' })
        DD_RUM.setAccount({ id: 'acme', name: 'Acme' })
      },
    })
    expect(await page.sessionId()).toBe(session)
    await expectBaggage(page, [`session.id=${session}`, 'user.id=ann', 'account.id=acme'], isTraced)
    await page.close()
  })

  it('and none does when the session is not sampled', async () => {
    const first = `/agent/unsampled-${sdk.version}`
    const page = await openPage({
      sdk: sdk.rum,
      plugin: CORRELATION,
      init: tracing(sdk.version, { sessionSampleRate: 0, traceContextInjection: 'all' }),
      inInit: inPage((url) => fetch(url), first),
    })
    // It may have waited for RUM to start: once it has gone out, RUM has started.
    await servers.site.only(first)
    for (const [, request] of await callAll(page)) {
      expect([request.header('baggage'), request.header('x-datadog-trace-id'), request.query, request.text]).toEqual([
        undefined,
        undefined,
        undefined,
        '{}',
      ])
    }
    await page.close()
  })
})

describe.each(RUM_SDKS)('with RUM SDK $version tracing without baggage, the plugin adds it', ({ version, rum }) => {
  it.each([{ traceSampleRate: 100 }, { traceSampleRate: 0, traceContextInjection: 'all' }])('%o', async (options) => {
    const page = await openPage({
      sdk: rum,
      plugin: CORRELATION,
      init: {
        allowedTracingUrls: [servers.site.origin],
        ...(version === 7 ? { propagateTraceBaggage: false } : {}),
        ...options,
      },
    })
    const id = await page.sessionId()
    await expectBaggage(page, [`session.id=${id}`], true)
    await page.close()
  })
})

describe('with trace-tags, the tags come with one trace id, whoever makes it', () => {
  it.each(
    RUM_SDKS.flatMap((sdk) => [
      { ...sdk, options: { traceSampleRate: 100 }, isTraced: true },
      { ...sdk, options: { traceSampleRate: 0, traceContextInjection: 'all' }, isTraced: true },
      { ...sdk, options: { traceSampleRate: 0 }, isTraced: false },
      { ...sdk, options: { allowedTracingUrls: ['https://other.example'] }, isTraced: false },
    ]).filter(({ version, options, isTraced }) => version > 5 || isTraced || 'allowedTracingUrls' in options),
  )('SDK $version, $options', async ({ rum, options, isTraced }) => {
    const page = await openPage({
      sdk: rum,
      plugin: { origins: ['/agent'], carrier: 'trace-tags' },
      init: { allowedTracingUrls: [servers.site.origin], ...options },
    })
    const id = await page.sessionId()
    for (const [client, request] of await callAll(page)) {
      expect(request.header('x-datadog-tags'), client).toBe(`_dd.p.llmobs_sid=${id}`)
      expect(request.header('x-datadog-trace-id'), client).toMatch(/^[1-9]\d*$/)
      expect(request.header('x-datadog-origin'), client).toBe(isTraced ? 'rum' : undefined)
      expect(request.header('x-datadog-parent-id'), client).toMatch(/^[1-9]\d*$/)
    }
    await page.close()
  })
})

it('tracing options from a remote configuration count', async () => {
  servers.site.respond('/remote-configuration', (_, response) => {
    const match = { rcSerializedType: 'string', value: servers.site.origin }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(
      JSON.stringify({
        rum: {
          applicationId: '00000000-0000-4000-8000-000000000000',
          allowedTracingUrls: [{ match, propagatorTypes: ['datadog'] }],
          traceSampleRate: 100,
        },
      }),
    )
  })
  const page = await openPage({
    plugin: CORRELATION,
    init: { remoteConfiguration: { id: 'one', sync: true }, remoteConfigurationProxy: '/remote-configuration' },
  })
  const id = await page.sessionId()
  await expectBaggage(page, [`session.id=${id}`], true)
  await page.close()
})
