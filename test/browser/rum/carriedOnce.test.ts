import { describe, expect, it } from 'vitest'
import type { LlmCorrelationOptions } from '../../../src/index.js'
import { CLIENTS, send } from '../../support/calls.js'
import { expectOnce } from '../../support/expectOnce.js'
import { initOptions } from '../../support/initOptions.js'
import { loadAgain } from '../../support/loadAgain.js'
import { npmModule } from '../../support/npmModule.js'
import { openPage, type PageOptions } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'

interface Given {
  options: LlmCorrelationOptions
  initOptions: typeof initOptions
}

/** In the page: calls `init` with a new instance of the plugin. */
function initWithNew({ options, initOptions }: Given): void {
  DD_RUM.init({ ...initOptions(), plugins: [DD_LLM_CORRELATION.llmCorrelation(options)] })
}

/** In the page: twenty new instances, as hot reloads make them. */
function reload({ options, isStopped }: { options: LlmCorrelationOptions; isStopped: boolean }): void {
  for (let i = 0; i < 20; i++) {
    const next = DD_LLM_CORRELATION.llmCorrelation(options)
    next.onInit({ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM })
    if (isStopped) {
      next.stop()
    }
  }
}

/** Pages that have the plugin more than once, or by another build than the script tag. */
const PAGES: Array<[name: string, pageOf: (given: Given) => PageOptions]> = [
  [
    'two plugin instances',
    ({ options }) => ({
      plugins: inPage(
        (options) => [DD_LLM_CORRELATION.llmCorrelation(options), DD_LLM_CORRELATION.llmCorrelation(options)],
        options,
      ),
    }),
  ],
  [
    'one instance twice',
    ({ options }) => ({
      plugins: inPage((options) => {
        const plugin = DD_LLM_CORRELATION.llmCorrelation(options)
        return [plugin, plugin]
      }, options),
    }),
  ],
  [
    'init called twice before RUM has started',
    (given) => ({ plugin: given.options, after: inPage(initWithNew, given) }),
  ],
  ['the script-tag bundle loaded twice', ({ options }) => ({ plugin: options, between: loadAgain })],
  [
    'two copies of the script-tag bundle',
    ({ options }) => ({
      between: inPage(
        ({ options, loadAgain }) => {
          window.noted = [DD_LLM_CORRELATION.llmCorrelation(options)]
          loadAgain()
        },
        { options, loadAgain },
      ),
      plugins: inPage((options) => [noted[0], DD_LLM_CORRELATION.llmCorrelation(options)], options),
    }),
  ],
  [
    'the npm and the script-tag build',
    (given) => ({
      callInit: false,
      module: npmModule(
        ['library'],
        ({ library, options, initOptions }) => {
          const plugins = [library.llmCorrelation(options), DD_LLM_CORRELATION.llmCorrelation(options)]
          DD_RUM.init({ ...initOptions(), plugins })
        },
        given,
      ),
    }),
  ],
  [
    'the npm builds of plugin and RUM',
    (given) => ({
      sdk: 'none',
      plugin: false,
      module: npmModule(
        ['rum', 'library'],
        ({ rum, library, options, initOptions }) => {
          window.DD_RUM = rum.datadogRum
          DD_RUM.init({ ...initOptions(), plugins: [library.llmCorrelation(options)] })
        },
        given,
      ),
    }),
  ],
  [
    'the npm build of the plugin and the script-tag build of RUM',
    (given) => ({
      plugin: false,
      callInit: false,
      module: npmModule(
        ['library'],
        ({ library, options, initOptions }) => {
          DD_RUM.init({ ...initOptions(), plugins: [library.llmCorrelation(options)] })
        },
        given,
      ),
    }),
  ],
]

describe.each(['body', 'query', 'baggage'] as const)('the id is carried once with carrier %s', (carrier) => {
  const options = { origins: ['/agent'], carrier }
  const given = { options, initOptions }

  it.each(PAGES)('with %s', async (_, pageOf) => {
    const page = await openPage(pageOf(given))
    await expectOnce(page, await page.sessionId(), carrier)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('with init called again once RUM has started', async () => {
    const page = await openPage({ plugin: options })
    const id = await page.sessionId()
    await page.run(initWithNew, given)
    await expectOnce(page, id, carrier)
    await page.close()
  })

  it('with a new instance after each hot reload, stopped or not', async () => {
    const page = await openPage({ plugin: options })
    const id = await page.sessionId()
    for (const isStopped of [false, true]) {
      await page.run(reload, { options, isStopped })
      await expectOnce(page, id, carrier)
    }
    await page.close()
  })
})

it('several instances each serve their own entries', async () => {
  const page = await openPage({
    plugins: () => {
      window.plugin = DD_LLM_CORRELATION.llmCorrelation({ origins: ['/one'], carrier: 'query', field: 'first' })
      return [
        plugin,
        DD_LLM_CORRELATION.llmCorrelation({ origins: ['/two'], carrier: 'baggage' }),
        DD_LLM_CORRELATION.llmCorrelation(['/agent']),
      ]
    },
  })
  const id = await page.sessionId()
  for (const [index, client] of CLIENTS.entries()) {
    const path = `several/${index}`
    const seen = async (base: string) => {
      const headers = { 'content-type': 'application/json' }
      const body = { as: 'string', text: '{"a":1}' } as const
      await page.run(send, { client, method: 'POST', headers, body, url: `${base}/${path}` })
      const { query, header, text } = await page.server.only(`${base}/${path}`)
      return [query, header('baggage'), text]
    }
    expect(await seen('/one')).toEqual([`first=${id}`, undefined, '{"a":1}'])
    expect(await seen('/two')).toEqual([undefined, `session.id=${id}`, '{"a":1}'])
    expect(await seen('/none')).toEqual([undefined, undefined, '{"a":1}'])
  }
  await expectOnce(page, id)
  await page.run(() => plugin.stop())
  await page.run(send, { client: 'XHR', url: '/one/stopped' })
  await page.run(send, { client: 'XHR', url: '/two/not-stopped' })
  expect((await page.server.only('/one/stopped')).query).toBeUndefined()
  expect((await page.server.only('/two/not-stopped')).header('baggage')).toBe(`session.id=${id}`)
  await page.close()
})
