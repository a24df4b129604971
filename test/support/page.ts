import { existsSync, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, normalize } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { allowCors, type CaptureServer, readBody, startCaptureServer } from './captureServer.js'
import { engineOf } from './engines/chromium.js'
import { ENGINE, type EngineBrowser, type EnginePage } from './engines/engine.js'
import { RECORDER } from './engines/recorder.js'
import { inPage, type Source } from './pageScript.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export type { Source }

/** The pieces of a page, in the order in which they run. All are optional. */
export interface PageDefinition {
  /** Runs before RUM loads, for example to let other libraries patch the page. */
  before?: Source
  /** Directory of the RUM SDK's package; `false` for a page without RUM. Default: the current SDK. */
  rum?: string | false
  /** URL of the plugin's script-tag bundle on the site; `false` leaves it out. Default: the one in `dist/`. */
  plugin?: string | false
  /** Runs when both have loaded, before `init`. */
  between?: Source
  /** The argument of `llmCorrelation`. Without it, `init` gets no plugin. */
  correlation?: Source
  /** The `plugins` array, for pages that need another one than `[llmCorrelation(correlation)]`. */
  plugins?: Source
  /** Further `init` options, as the members of an object literal (`"service: 'shop', allowedTracingUrls: []"`). */
  init?: Source
  /** `false`: `init` is not called. */
  callInit?: false
  /** Runs after `init` in the same script, so not even a microtask runs in between. */
  inInitScript?: Source
  /** Runs right after `init`, before RUM has started. */
  after?: Source
  /**
   * A module, bundled with esbuild, which runs last. In it `rum-llm-correlation` is the ESM build.
   */
  module?: Source
  /** Its encoding, as the server names it. Default: UTF-8. */
  charset?: string
}

/** A RUM event as the SDK sent it. */
// biome-ignore lint/suspicious/noExplicitAny: events are read with paths that a test knows
export type RumEvent = Record<string, any>

/** Serves pages, takes RUM's events at `/rum-intake`, and captures all other requests. */
export interface Site extends CaptureServer {
  /** Adds a page and returns its URL. */
  add(definition: PageDefinition): Promise<string>
  rumEvents: RumEvent[]
  /** The requests with the SDK's events: URL and body, as they arrived. */
  rumRequests: Array<{ url: string; text: string }>
}

/** What tests can do with a page. Each browser driver can offer it. */
export interface TestPage {
  /**
   * Calls the function in the page, and resolves to its awaited result. The argument may hold
   * functions too, which run in the page. {@link sourceOf} says what a function may refer to.
   *
   * ```ts
   * const status = await page.run(async ({ url }) => (await fetch(url)).status, { url: '/agent/chat' })
   * ```
   */
  run<R>(script: () => R): Promise<Awaited<R>>
  run<A, R>(script: (args: A) => R, args: A): Promise<Awaited<R>>
  evaluate<R>(script: Source): Promise<R>
  evaluate<R, A>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R>
  /** The console messages so far, as `warning: text`. RUM's begin with `Datadog Browser SDK:`. */
  console: string[]
  /** The uncaught errors so far. */
  errors: string[]
  /** Waits for RUM to start, and gives the session id. Fails if the page has no tracked session. */
  sessionId(): Promise<string>
  /** Runs the script until its value is truthy, and gives that value. */
  waitFor<R>(script: Source): Promise<R>
  waitFor<R, A>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R>
  /** Leaves for another page. */
  goto(url: string): Promise<void>
  /** Clicks on the page as a person does, but on no element. */
  click(): Promise<void>
  /**
   * Opens a URL in another tab. It shares cookies and storage with this page, and closes with it.
   */
  openTab(url: string): Promise<TestPage>
  close(): Promise<void>
  /** Playwright's own page, for what other drivers lack. Tests that use it run in Chromium only. */
  page: Page
  context: BrowserContext
}

/**
 * How long {@link TestPage.waitFor} waits: longer than a page on a busy machine, shorter than a
 * test.
 */
const PATIENCE = 20_000

const CONTENT_TYPES: Record<string, string> = { js: 'text/javascript', mjs: 'text/javascript', map: 'application/json' }

function sendFile(response: ServerResponse, base: string, path: string): void {
  const file = normalize(join(base, path))
  if (!file.startsWith(base) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404).end()
    return
  }
  const type = CONTENT_TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'max-age=3600' }).end(readFileSync(file))
}

async function bundle(source: Source): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: ROOT },
    alias: { 'rum-llm-correlation': join(ROOT, 'dist/index.mjs') },
    bundle: true,
    format: 'esm',
    write: false,
  })
  return result.outputFiles[0]?.text ?? ''
}

async function html(definition: PageDefinition, intake: string): Promise<string> {
  const { rum = 'node_modules/@datadog/browser-rum', plugin = '/files/dist/rum-llm-correlation.iife.js' } = definition
  const { correlation } = definition
  const plugins = definition.plugins ?? (correlation ? `[DD_LLM_CORRELATION.llmCorrelation(${correlation})]` : '[]')
  const init = `DD_RUM.init({
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    service: 'test-page',
    sessionSampleRate: 100,
    sessionReplaySampleRate: 0,
    telemetrySampleRate: 0,
    defaultPrivacyLevel: 'allow',
    proxy: '${intake}',
    plugins: ${plugins},
    ${definition.init ?? ''}
  })`
  // The slim SDK has another global name.
  const bundleOf = (directory: string) =>
    ['datadog-rum-slim.js', 'datadog-rum.js'].find((file) => existsSync(join(ROOT, directory, 'bundle', file)))
  const inline = (source: Source | undefined) => (source === undefined ? '' : `<script>${source}</script>\n`)
  const external = (url: string | false) => (url === false ? '' : `<script src="${url}"></script>\n`)
  return `<!doctype html>
<meta charset="utf-8">
<title>Test page</title>
<link rel="icon" href="data:,">
${inline(ENGINE === 'webkit' ? RECORDER : undefined)}${inline(definition.before)}${external(rum && `/files/${rum}/bundle/${bundleOf(rum)}`)}${external(plugin)}${inline(definition.between)}${
  rum === false || definition.callInit === false ? '' : inline(`${init};${definition.inInitScript ?? ''}`)
}${inline(definition.after)}${definition.module === undefined ? '' : `<script type="module">${(await bundle(definition.module)).replaceAll('</script', '<\\/script')}</script>`}`
}

export async function startSite(): Promise<Site> {
  const pages = new Map<string, { text: string; charset: string }>()
  let count = 0
  const rumEvents: RumEvent[] = []
  const rumRequests: Site['rumRequests'] = []

  const takeRumEvents = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request)
    // Session replay segments are multipart. All else has one JSON event per line.
    if (!request.headers['content-type']?.startsWith('multipart/')) {
      const isDeflated = decodeURIComponent(request.url ?? '').includes('dd-evp-encoding=deflate')
      const text = (isDeflated ? inflateSync(body) : body).toString('utf8')
      rumRequests.push({ url: request.url ?? '', text })
      rumEvents.push(
        ...text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as RumEvent),
      )
    }
    response.writeHead(202).end()
  }
  const routes = (request: IncomingMessage, response: ServerResponse): boolean => {
    const path = (request.url ?? '').replace(/[?#].*/, '')
    const page = pages.get(path)
    if (page !== undefined) {
      response.writeHead(200, { 'Content-Type': `text/html; charset=${page.charset}` }).end(page.text)
    } else if (path.startsWith('/files/')) {
      allowCors(request, response)
      sendFile(response, ROOT, path.slice('/files/'.length))
    } else if (path === '/rum-intake') {
      allowCors(request, response)
      takeRumEvents(request, response).catch(() => response.destroy())
    } else {
      return false
    }
    return true
  }
  const server = await startCaptureServer({ routes })
  return Object.assign(server, {
    rumEvents,
    rumRequests,
    async add(definition: PageDefinition) {
      const path = `/pages/${++count}.html`
      const text = await html(definition, `${server.origin}/rum-intake`)
      pages.set(path, { text, charset: definition.charset ?? 'utf-8' })
      return server.origin + path
    },
  })
}

/** Closed pages, for reuse. Opening a page costs more than all that a test does with it. */
export type IdlePages = EnginePage[]

/**
 * Opens a URL in a page without cookies, so that the RUM session is new.
 *
 * ```ts
 * const page = await visit(browser, await site.add({ correlation: "{ origins: ['/api/chat'] }" }))
 * const id = await page.sessionId()
 * await page.evaluate(() => fetch('/api/chat', { method: 'POST', body: '{}' }).then((response) => response.text()))
 * const { text } = await site.only('/api/chat')
 * ```
 *
 * @param idle - Gives a closed page for reuse, and gets the page back. Without it, each page is
 * new.
 */
export async function visit(browser: EngineBrowser | Browser, url: string, idle?: IdlePages): Promise<TestPage> {
  const own = idle?.pop() ?? (await ('newContext' in browser ? engineOf(browser) : browser).newPage())
  return openIn(own, url, async () => {
    if (idle === undefined || own.reset === undefined) {
      await own.close()
    } else {
      await own.reset()
      idle.push(own)
    }
  })
}

let scripts = 0

async function openIn(own: EnginePage, url: string, close: () => Promise<void>): Promise<TestPage> {
  const { console, errors } = own
  const evaluate = (script: unknown, argument?: unknown) =>
    own.evaluate(typeof script === 'function' ? `(${script})(${JSON.stringify(argument) ?? ''})` : String(script))
  const waitFor = async (script: unknown, argument?: unknown) => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await delay(20)) {
      const result = await evaluate(script, argument)
      if (result) {
        return result
      }
    }
    throw new Error(`Not within ${PATIENCE} ms: ${script}`)
  }
  const inPlaywright = () => {
    if (own.playwright === undefined) {
      throw new Error("Only Chromium's driver has this page. Use the methods of TestPage.")
    }
    return own.playwright
  }
  await own.goto(url)
  const run = (script: (args: unknown) => unknown, args?: unknown) =>
    own.evaluate(`${inPage(script, args)}\n//# sourceURL=test-scripts/${++scripts}.js`)
  return {
    run: run as TestPage['run'],
    evaluate: evaluate as TestPage['evaluate'],
    waitFor: waitFor as TestPage['waitFor'],
    get console() {
      void own.listen?.()
      return console
    },
    get errors() {
      void own.listen?.()
      return errors
    },
    sessionId: () => waitFor('window.DD_RUM?.getInternalContext()?.session_id') as Promise<string>,
    async goto(url) {
      await own.goto(url)
    },
    async click() {
      await own.click()
    },
    async openTab(url) {
      const tab = await own.newTab()
      return openIn(tab, url, async () => void (await tab.close()))
    },
    close,
    get page() {
      return inPlaywright()
    },
    get context() {
      return inPlaywright().context()
    },
  }
}

/** Makes RUM send the events that it holds, as it does if the browser freezes the page. */
export async function flushRum(page: TestPage): Promise<void> {
  await page.evaluate(() => {
    // The SDK ignores events that scripts dispatch, unless they have the SDK's own mark.
    document.dispatchEvent(Object.assign(new Event('freeze'), { __ddIsTrusted: true }))
  })
}
