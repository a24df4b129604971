import { expect } from 'vitest'
import type { LlmCorrelationOptions } from '../../src/index.js'
import { type Call, type Pair, send } from './calls.js'
import type { CaptureServer } from './captureServer.js'
import { type PageDefinition, type TestPage, visit } from './page.js'
import { type PageScript, type Source, scriptSource, sourceOf } from './pageScript.js'
import { servers } from './servers.js'
import { STUB_SESSION_ID, type StubRum, startOfStub } from './stubRum.js'

export { STUB_SESSION_ID, type StubRum }

export interface PageOptions {
  /**
   * The RUM SDK: the directory of its package (default: the newest), a stub, or none. With a stub, nothing but the plugin
   * stands between the page and the browser.
   */
  sdk?: string | 'stub' | StubRum | 'none'
  /**
   * Argument of `llmCorrelation`. Without it the plugin is loaded, for the test to use; with `false` it is not.
   */
  plugin?: LlmCorrelationOptions | LlmCorrelationOptions['origins'] | false
  /** Where the calls of {@link Page.sendBoth} go. Default: to the page's own origin. */
  server?: 'site' | 'secure'
  /** Further options of `DD_RUM.init`. */
  init?: object
  /** The page's encoding. Default: UTF-8. */
  charset?: string
  /** Runs before RUM and the plugin are loaded. */
  before?: PageScript
  /** Runs between loading and `init`. */
  between?: PageScript
  /** Runs right after `init` in the same script, so that not even a microtask comes between. */
  inInit?: PageScript
  /** Runs after the script of `init`, before RUM has started. */
  after?: PageScript
  /** Gives the `plugins` of `init`, where one `llmCorrelation(plugin)` is not what the page has. */
  plugins?: PageScript
  /** `false`: `init` is not called. */
  callInit?: false
  /** A module of the page. `rum-llm-correlation` in it is the ESM build. It runs last. */
  module?: Source
}

/** Where a call goes: the text that is added to its URL, and the server. */
interface To {
  query?: string | undefined
  server?: CaptureServer
}

export interface Page extends TestPage {
  server: CaptureServer
  /**
   * Makes the same call to a path under `/plain`, which no entry takes, and under `/agent`. Both have what the browser does
   * to a call, so the plugin makes all the difference.
   */
  sendBoth(call: Omit<Call, 'url'>, to?: To): Promise<Pair>
  /** The same page without the plugin. It is opened once, and closed with this page. */
  twin(): Promise<TestPage>
  /** The function does in this page what it does in its twin. Gives that. */
  expectSame<R>(script: () => R): Promise<Awaited<R>>
  expectSame<A, R>(script: (args: A) => R, args: A): Promise<Awaited<R>>
}

/**
 * Opens a page of a test, without cookies, so that its RUM session is new.
 *
 * ```ts
 * const page = await openPage({ plugin: { origins: ['/agent'], carrier: 'query' } })
 * await page.run(({ url }) => fetch(url).then((response) => response.text()), { url: '/agent/chat' })
 * const { query } = await page.server.only('/agent/chat')
 * expect(query).toBe(`session_id=${await page.sessionId()}`)
 * ```
 */
export async function openPage(options: PageOptions = {}): Promise<Page> {
  const page = await open(options)
  // They are replaced below.
  const { close, sessionId } = page
  const server = servers[options.server ?? 'site']
  let twin: Promise<TestPage> | undefined
  const own = {
    server,
    sendBoth: (call: Omit<Call, 'url'>, { query = '', server: to = server }: To = {}) =>
      sendBoth(page, call, query, to),
    twin() {
      twin ??= open({ ...options, plugin: false })
      return twin
    },
    async expectSame(script: (args: unknown) => unknown, args?: unknown) {
      const natively = await (await own.twin()).run(script, args)
      expect(await page.run(script, args)).toEqual(natively)
      return natively
    },
    async close() {
      await (await twin)?.close()
      await close()
    },
    sessionId: hasStub(options) ? async () => STUB_SESSION_ID : sessionId,
  }
  return Object.defineProperties(page, Object.getOwnPropertyDescriptors(own)) as unknown as Page
}

const open = async (options: PageOptions) =>
  visit(servers.browser, await servers.site.add(definitionOf(options)), servers.idle)

const hasStub = ({ sdk }: PageOptions) => sdk === 'stub' || typeof sdk === 'object'

/** What {@link openPage} opens. */
export function definitionOf(options: PageOptions): PageDefinition {
  const { sdk, plugin, plugins, init, before, between, inInit, after, callInit, module, charset } = options
  const stub = typeof sdk === 'object' ? sdk : {}
  const hasPlugin = plugin !== undefined && plugin !== false
  const scripts = [
    between === undefined ? '' : scriptSource(between),
    hasStub(options) && hasPlugin ? startOfStub(plugin, stub) : '',
  ]
  return {
    ...(before === undefined ? {} : { before: scriptSource(before) }),
    ...(sdk === undefined || hasStub(options) ? {} : { rum: sdk === 'none' ? false : (sdk as string) }),
    ...(hasStub(options) ? { rum: false } : {}),
    ...(plugin === false ? { plugin: false } : {}),
    between: scripts.join('\n;'),
    ...(hasPlugin ? { correlation: sourceOf(plugin) } : {}),
    // The members of an object literal.
    ...(init === undefined ? {} : { init: `...${sourceOf(init)}` }),
    ...(plugins === undefined ? {} : { plugins: scriptSource(plugins) }),
    ...(callInit === undefined ? {} : { callInit }),
    ...(inInit === undefined ? {} : { inInitScript: scriptSource(inInit) }),
    ...(after === undefined ? {} : { after: scriptSource(after) }),
    ...(module === undefined ? {} : { module }),
    ...(charset === undefined ? {} : { charset }),
  }
}

let calls = 0

async function sendBoth(page: TestPage, call: Omit<Call, 'url'>, query: string, server: CaptureServer): Promise<Pair> {
  const path = `${call.client.replace(/\W/g, '')}/${++calls}`
  await page.run(send, { ...call, url: `${server.origin}/plain/${path}${query}` })
  await page.run(send, { ...call, url: `${server.origin}/agent/${path}${query}` })
  return { agent: await server.only(`/agent/${path}`), plain: await server.only(`/plain/${path}`) }
}
