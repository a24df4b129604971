import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../../support/calls.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

const isComplaint = (message: string) => /^(warning|error):/.test(message)
const SAMPLED = /^warning: .*traceContextInjection.*traceSampleRate/
const PROPAGATORS = /^warning: .*propagatorTypes/
const HERE = 'location.origin'

/** What `init` is told of tracing, and what the plugin then says of an entry with trace tags. */
const CHECKS: Array<[init: Source, match: Source, expected: RegExp | undefined]> = [
  [`allowedTracingUrls: [${HERE}], traceSampleRate: 99`, "'/agent'", SAMPLED],
  [`allowedTracingUrls: [${HERE}], traceSampleRate: 0`, "'/agent'", SAMPLED],
  [`allowedTracingUrls: [${HERE}], traceSampleRate: 20, traceContextInjection: 'sampled'`, "'/agent'", SAMPLED],
  [`allowedTracingUrls: [${HERE}], traceSampleRate: 20`, HERE, SAMPLED],
  [`allowedTracingUrls: [${HERE} + '/agent'], traceSampleRate: 20`, `${HERE} + '/agent'`, SAMPLED],
  ["allowedTracingUrls: ['https://agent.example'], traceSampleRate: 20", "'https://agent.example/v1'", SAMPLED],
  ['allowedTracingUrls: [/agent/], traceSampleRate: 20', "'https://agent.example'", SAMPLED],
  ["allowedTracingUrls: [(url) => url.includes('agent')], traceSampleRate: 20", "'https://agent.example'", SAMPLED],
  [`allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['datadog'] }], traceSampleRate: 20`, "'/agent'", SAMPLED],
  [`allowedTracingUrls: [{ match: ${HERE} }], traceSampleRate: 20`, "'/agent'", SAMPLED],
  [`allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['tracecontext'] }]`, "'/agent'", PROPAGATORS],
  [`allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['b3', 'b3multi'] }]`, "'/agent'", PROPAGATORS],
  [
    `allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['tracecontext'] }], traceContextInjection: 'all'`,
    "'/agent'",
    PROPAGATORS,
  ],
  // The first that matches is the one that the SDK takes.
  [
    `allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['b3'] }, { match: ${HERE}, propagatorTypes: ['datadog'] }]`,
    "'/agent'",
    PROPAGATORS,
  ],
  [
    `allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['datadog'] }, { match: ${HERE}, propagatorTypes: ['b3'] }]`,
    "'/agent'",
    undefined,
  ],
  ['', "'/agent'", undefined],
  ['allowedTracingUrls: [], traceSampleRate: 20', "'/agent'", undefined],
  [`allowedTracingUrls: [${HERE}]`, "'/agent'", undefined],
  [`allowedTracingUrls: [${HERE}], traceSampleRate: 100`, "'/agent'", undefined],
  [`allowedTracingUrls: [${HERE}], traceSampleRate: 20, traceContextInjection: 'all'`, "'/agent'", undefined],
  [`allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['datadog', 'b3'] }]`, "'/agent'", undefined],
  [`allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: null }]`, "'/agent'", undefined],
  [`allowedTracingUrls: [${HERE} + '/other'], traceSampleRate: 20`, "'/agent'", undefined],
  ["allowedTracingUrls: ['https://other.example'], traceSampleRate: 20", "'https://agent.example'", undefined],
  ['allowedTracingUrls: [() => { throw new Error() }], traceSampleRate: 20', "'/agent'", undefined],
]

describe('of an entry with trace tags, init says', () => {
  let page: TestPage
  // A plugin can be told of an init again and again, while a page has but one.
  beforeAll(async () => {
    page = await stage.open({ callInit: false })
  })
  afterAll(() => page?.close())

  async function complaintsOn(init: Source, options: Source): Promise<string[]> {
    const before = page.console.length
    await page.evaluate(`{
      const plugin = DD_LLM_CORRELATION.llmCorrelation(${options})
      plugin.onInit({ initConfiguration: { ${init} }, publicApi: DD_RUM })
      plugin.stop()
    }`)
    // Console messages come in order, so that this one closes what the plugin has said.
    await page.evaluate("console.info('done')")
    await expect.poll(() => page.console.slice(before).includes('info: done')).toBe(true)
    // The SDK reports what a page's own matcher throws.
    return page.console.slice(before).filter((message) => isComplaint(message) && message.includes('llmCorrelation'))
  }

  it.each(CHECKS)('with { %s } and origins: [%s], what is expected: %s', async (init, match, expected) => {
    const complaints = await complaintsOn(init, `{ origins: [${match}], carrier: 'trace-tags' }`)
    expect(complaints).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)])
    if (expected !== undefined) {
      // It names the entry.
      expect(complaints[0]).toContain(await page.evaluate<string>(`String(${match})`))
    }
  })

  it.each(CARRIERS.filter((carrier) => carrier !== 'trace-tags'))('nothing with carrier %s', async (carrier) => {
    const init = `allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['b3'] }], traceSampleRate: 20`
    expect(await complaintsOn(init, `{ origins: ['/agent'], carrier: '${carrier}' }`)).toEqual([])
  })

  it('one thing of each entry that has a problem', async () => {
    const complaints = await complaintsOn(
      `allowedTracingUrls: [{ match: ${HERE}, propagatorTypes: ['b3'] }, 'https://agent.example'], traceSampleRate: 20`,
      `{ origins: [
        { match: '/one', carrier: 'trace-tags' },
        { match: '/two', carrier: 'baggage' },
        { match: 'https://agent.example', carrier: 'trace-tags' },
        { match: 'https://untraced.example', carrier: 'trace-tags' },
      ] }`,
    )
    expect(complaints).toEqual([
      expect.stringMatching(/^warning: .*\/one.*propagatorTypes/),
      expect.stringMatching(/^warning: .*https:\/\/agent\.example.*traceSampleRate/),
    ])
  })
})

describe.each(RUM_SDKS)('with RUM SDK $version', ({ rum }) => {
  it('a problem is named once, however often init is called, and calls are correlated all the same', async () => {
    const page = await stage.open({
      rum,
      correlation: "{ origins: ['/agent'], carrier: 'trace-tags' }",
      init: "allowedTracingUrls: [{ match: location.origin, propagatorTypes: ['tracecontext'] }]",
      inInitScript: 'DD_RUM.init(DD_RUM.getInitConfiguration())',
    })
    const id = await page.sessionId()
    const path = `/agent/checked/${rum.replace(/\W/g, '')}`
    await page.evaluate(send, { client: 'fetch(string, init)', url: path })
    const request = await stage.site.only(path)
    // RUM's own baggage tells the session, too.
    expect(placesOf(request, id).filter((place) => place !== 'baggage')).toHaveLength(1)
    expect(page.console.filter((message) => message.includes('llmCorrelation'))).toEqual([
      expect.stringMatching(PROPAGATORS),
    ])
    await page.close()
  })

  it('tracing URLs that the SDK itself passes over keep no carrier from working', async () => {
    const page = await stage.open({
      rum,
      correlation: ENTRY_PER_CARRIER,
      // RUM's own baggage would bring the id as well.
      init: `allowedTracingUrls: [null, undefined, 1, {}, { match: 1 }, ${HERE}], propagateTraceBaggage: false`,
    })
    const id = await page.sessionId()
    for (const carrier of CARRIERS) {
      const path = `/agent/${carrier}/odd/${rum.replace(/\W/g, '')}`
      await page.evaluate(send, { client: 'fetch(string, init)', url: path })
      const request = await stage.site.only(path)
      const carried = [request.query, request.header('baggage'), request.header('x-datadog-tags')]
      expect(carried.join(' '), carrier).toContain(id)
    }
    await page.close()
  })
})
