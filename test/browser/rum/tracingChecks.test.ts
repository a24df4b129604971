import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LlmCorrelationOptions } from '../../../src/index.js'
import { send } from '../../support/calls.js'
import { openPage, type Page } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, ENTRIES, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

const isComplaint = (message: string) => /^(warning|error):/.test(message)
const SAMPLED = /^warning: .*traceContextInjection.*traceSampleRate/
const PROPAGATORS = /^warning: .*propagatorTypes/

/** Init options of tracing, with some that the SDK's own types do not allow. */
interface Tracing {
  allowedTracingUrls?: unknown[]
  traceSampleRate?: number
  traceContextInjection?: 'all' | 'sampled'
}
/** In the page: what `init` is told of tracing. The argument is the page's own origin. */
type MakeTracing = (here: string) => Tracing

/**
 * What `init` is told of tracing, and what the plugin then says of an entry with trace tags. `HERE` in
 * the entry is the page's own origin.
 */
const CHECKS: Array<[init: MakeTracing, match: string, expected: RegExp | undefined]> = [
  [(here) => ({ allowedTracingUrls: [here], traceSampleRate: 99 }), '/agent', SAMPLED],
  [(here) => ({ allowedTracingUrls: [here], traceSampleRate: 0 }), '/agent', SAMPLED],
  [
    (here) => ({ allowedTracingUrls: [here], traceSampleRate: 20, traceContextInjection: 'sampled' }),
    '/agent',
    SAMPLED,
  ],
  [(here) => ({ allowedTracingUrls: [here], traceSampleRate: 20 }), 'HERE', SAMPLED],
  [(here) => ({ allowedTracingUrls: [`${here}/agent`], traceSampleRate: 20 }), 'HERE/agent', SAMPLED],
  [() => ({ allowedTracingUrls: ['https://agent.example'], traceSampleRate: 20 }), 'https://agent.example/v1', SAMPLED],
  [() => ({ allowedTracingUrls: [/agent/], traceSampleRate: 20 }), 'https://agent.example', SAMPLED],
  [
    () => ({ allowedTracingUrls: [(url: string) => url.includes('agent')], traceSampleRate: 20 }),
    'https://agent.example',
    SAMPLED,
  ],
  [
    (here) => ({ allowedTracingUrls: [{ match: here, propagatorTypes: ['datadog'] }], traceSampleRate: 20 }),
    '/agent',
    SAMPLED,
  ],
  [(here) => ({ allowedTracingUrls: [{ match: here }], traceSampleRate: 20 }), '/agent', SAMPLED],
  [(here) => ({ allowedTracingUrls: [{ match: here, propagatorTypes: ['tracecontext'] }] }), '/agent', PROPAGATORS],
  [(here) => ({ allowedTracingUrls: [{ match: here, propagatorTypes: ['b3', 'b3multi'] }] }), '/agent', PROPAGATORS],
  [
    (here) => ({
      allowedTracingUrls: [{ match: here, propagatorTypes: ['tracecontext'] }],
      traceContextInjection: 'all',
    }),
    '/agent',
    PROPAGATORS,
  ],
  // The first that matches is the one that the SDK takes.
  [
    (here) => ({
      allowedTracingUrls: [
        { match: here, propagatorTypes: ['b3'] },
        { match: here, propagatorTypes: ['datadog'] },
      ],
    }),
    '/agent',
    PROPAGATORS,
  ],
  [
    (here) => ({
      allowedTracingUrls: [
        { match: here, propagatorTypes: ['datadog'] },
        { match: here, propagatorTypes: ['b3'] },
      ],
    }),
    '/agent',
    undefined,
  ],
  [() => ({}), '/agent', undefined],
  [() => ({ allowedTracingUrls: [], traceSampleRate: 20 }), '/agent', undefined],
  [(here) => ({ allowedTracingUrls: [here] }), '/agent', undefined],
  [(here) => ({ allowedTracingUrls: [here], traceSampleRate: 100 }), '/agent', undefined],
  [(here) => ({ allowedTracingUrls: [here], traceSampleRate: 20, traceContextInjection: 'all' }), '/agent', undefined],
  [(here) => ({ allowedTracingUrls: [{ match: here, propagatorTypes: ['datadog', 'b3'] }] }), '/agent', undefined],
  [(here) => ({ allowedTracingUrls: [{ match: here, propagatorTypes: null }] }), '/agent', undefined],
  [(here) => ({ allowedTracingUrls: [`${here}/other`], traceSampleRate: 20 }), '/agent', undefined],
  [() => ({ allowedTracingUrls: ['https://other.example'], traceSampleRate: 20 }), 'https://agent.example', undefined],
  [
    () => ({
      allowedTracingUrls: [
        () => {
          throw new Error()
        },
      ],
      traceSampleRate: 20,
    }),
    '/agent',
    undefined,
  ],
]

describe('of an entry with trace tags, init says', () => {
  let page: Page
  // A plugin can be told of an init again and again, while a page has but one.
  beforeAll(async () => {
    page = await openPage({ callInit: false })
  })
  afterAll(() => page?.close())

  async function complaintsOn(makeTracing: MakeTracing, options: LlmCorrelationOptions): Promise<string[]> {
    const before = page.console.length
    await page.run(
      ({ makeTracing, options }) => {
        const plugin = DD_LLM_CORRELATION.llmCorrelation(options)
        plugin.onInit({ initConfiguration: makeTracing(location.origin), publicApi: DD_RUM })
        plugin.stop()
        // Console messages come in order, so that this one closes what the plugin has said.
        console.info('done')
      },
      { makeTracing, options },
    )
    await expect.poll(() => page.console.slice(before), PATIENTLY).toContain('info: done')
    // The SDK reports what a page's own matcher throws.
    return page.console.slice(before).filter((message) => isComplaint(message) && message.includes('llmCorrelation'))
  }

  it.each(CHECKS.map(([init, match, expected]) => [String(init).replace(/\s+/g, ' '), match, expected, init] as const))(
    'with %s and origins: [%s], what is expected: %s',
    async (_, match, expected, init) => {
      const entry = match.replace('HERE', servers.site.origin)
      const complaints = await complaintsOn(init, { origins: [entry], carrier: 'trace-tags' })
      expect(complaints).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)])
      if (expected !== undefined) {
        // It names the entry.
        expect(complaints[0]).toContain(entry)
      }
    },
  )

  it.each(CARRIERS.filter((carrier) => carrier !== 'trace-tags'))('nothing with carrier %s', async (carrier) => {
    const init: MakeTracing = (here) => ({
      allowedTracingUrls: [{ match: here, propagatorTypes: ['b3'] }],
      traceSampleRate: 20,
    })
    expect(await complaintsOn(init, { origins: ['/agent'], carrier })).toEqual([])
  })

  it('one thing of each entry that has a problem', async () => {
    const complaints = await complaintsOn(
      (here) => ({
        allowedTracingUrls: [{ match: here, propagatorTypes: ['b3'] }, 'https://agent.example'],
        traceSampleRate: 20,
      }),
      {
        origins: [
          { match: '/one', carrier: 'trace-tags' },
          { match: '/two', carrier: 'baggage' },
          { match: 'https://agent.example', carrier: 'trace-tags' },
          { match: 'https://untraced.example', carrier: 'trace-tags' },
        ],
      },
    )
    expect(complaints).toEqual([
      expect.stringMatching(/^warning: .*\/one.*propagatorTypes/),
      expect.stringMatching(/^warning: .*https:\/\/agent\.example.*traceSampleRate/),
    ])
  })
})

describe.each(RUM_SDKS)('with RUM SDK $version', ({ rum }) => {
  it('a problem is named once, however often init is called, and calls are correlated all the same', async () => {
    const page = await openPage({
      sdk: rum,
      plugin: { origins: ['/agent'], carrier: 'trace-tags' },
      init: { allowedTracingUrls: [{ match: servers.site.origin, propagatorTypes: ['tracecontext'] }] },
      inInit: () => DD_RUM.init(DD_RUM.getInitConfiguration() as Parameters<typeof DD_RUM.init>[0]),
    })
    const id = await page.sessionId()
    const path = `/agent/checked/${rum.replace(/\W/g, '')}`
    await page.run(send, { client: 'fetch(string, init)', url: path })
    const request = await page.server.only(path)
    // RUM's own baggage tells the session, too.
    expect(placesOf(request, id).filter((place) => place !== 'baggage')).toHaveLength(1)
    expect(page.console.filter((message) => message.includes('llmCorrelation'))).toEqual([
      expect.stringMatching(PROPAGATORS),
    ])
    await page.close()
  })

  it('tracing URLs that the SDK itself passes over keep no carrier from working', async () => {
    const page = await openPage({
      sdk: rum,
      plugin: ENTRIES,
      init: {
        allowedTracingUrls: [null, undefined, 1, {}, { match: 1 }, servers.site.origin],
        // RUM's own baggage would bring the id as well.
        propagateTraceBaggage: false,
      },
    })
    const id = await page.sessionId()
    for (const carrier of CARRIERS) {
      const path = `/agent/${carrier}/odd/${rum.replace(/\W/g, '')}`
      await page.run(send, { client: 'fetch(string, init)', url: path })
      const request = await page.server.only(path)
      const carried = [request.query, request.header('baggage'), request.header('x-datadog-tags')]
      expect(carried.join(' '), carrier).toContain(id)
    }
    await page.close()
  })
})
