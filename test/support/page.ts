import { existsSync, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { allowCors, type CaptureServer, readBody, startCaptureServer } from './captureServer.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** JavaScript source, put into a page as it stands: options hold RegExps and functions, which JSON does not. */
export type Source = string

/** The pieces of a page, in the order in which they run. All are optional. */
export interface PageDefinition {
  /** Runs before RUM is loaded: other libraries' patches, say. */
  before?: Source
  /** Directory of the RUM SDK's package; `false` for a page without RUM. Default: the current SDK. */
  rum?: string | false
  /** URL of the plugin's script-tag bundle on the site; `false` leaves it out. Default: the one in `dist/`. */
  plugin?: string | false
  /** Runs after both are loaded, before `init`. */
  between?: Source
  /** Argument of `llmCorrelation`; without it `init` gets no plugin. */
  correlation?: Source
  /** The `plugins` array, where one `llmCorrelation(correlation)` is not what the page has. */
  plugins?: Source
  /** Further `init` options, as the members of an object literal (`"service: 'shop', allowedTracingUrls: []"`). */
  init?: Source
  /** `false`: `init` is not called. */
  callInit?: false
  /** Runs after `init` in the same script, so that not even a microtask comes between. */
  inInitScript?: Source
  /** Runs right after `init`, before RUM has started. */
  after?: Source
  /** A module of the page, bundled with esbuild; runs last. `rum-llm-correlation` in it is the ESM build. */
  module?: Source
}

/** A RUM event as the SDK sent it. */
// biome-ignore lint/suspicious/noExplicitAny: events are read with paths that a test knows
export type RumEvent = Record<string, any>

/** Where pages live: it serves them, takes RUM's events at `/rum-intake`, and captures every other request. */
export interface Site extends CaptureServer {
  /** Adds a page and returns its URL. */
  add(definition: PageDefinition): Promise<string>
  rumEvents: RumEvent[]
  /** The requests with which the SDK sent its events, URL and body as they arrived. */
  rumRequests: Array<{ url: string; text: string }>
}

/** What tests do with a page, thin enough for any browser driver to offer. */
export interface TestPage {
  evaluate<R>(script: Source): Promise<R>
  evaluate<R, A>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R>
  /** Console messages so far, as `warning: text`; RUM prefixes its own with `Datadog Browser SDK:`. */
  console: string[]
  /** Errors that nothing caught. */
  errors: string[]
  /** The RUM session id once RUM has started; fails on a page that gets no tracked session. */
  sessionId(): Promise<string>
  close(): Promise<void>
  /** Playwright's own page, for what only it can do. */
  page: Page
  context: BrowserContext
}

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
  // The slim SDK has a name of its own.
  const bundleOf = (directory: string) =>
    ['datadog-rum-slim.js', 'datadog-rum.js'].find((file) => existsSync(join(ROOT, directory, 'bundle', file)))
  const inline = (source: Source | undefined) => (source === undefined ? '' : `<script>${source}</script>\n`)
  const external = (url: string | false) => (url === false ? '' : `<script src="${url}"></script>\n`)
  return `<!doctype html>
<meta charset="utf-8">
<title>Test page</title>
<link rel="icon" href="data:,">
${inline(definition.before)}${external(rum && `/files/${rum}/bundle/${bundleOf(rum)}`)}${external(plugin)}${inline(definition.between)}${
  rum === false || definition.callInit === false ? '' : inline(`${init};${definition.inInitScript ?? ''}`)
}${inline(definition.after)}${definition.module === undefined ? '' : `<script type="module">${(await bundle(definition.module)).replaceAll('</script', '<\\/script')}</script>`}`
}

export async function startSite(): Promise<Site> {
  const pages = new Map<string, string>()
  let count = 0
  const rumEvents: RumEvent[] = []
  const rumRequests: Site['rumRequests'] = []

  const takeRumEvents = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request)
    // Session replay segments are multipart; everything else is one JSON event per line.
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
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page)
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
      pages.set(path, await html(definition, `${server.origin}/rum-intake`))
      return server.origin + path
    },
  })
}

/** Browser contexts whose page was closed, for the next one: a new one costs more than all that a page does. */
export type IdleContexts = Array<{ context: BrowserContext; page: Page }>

/**
 * Opens a URL in a context without cookies, so that the RUM session is new.
 *
 * ```ts
 * const page = await openPage(browser, await site.add({ correlation: "{ origins: ['/api/chat'] }" }))
 * const id = await page.sessionId()
 * await page.evaluate(() => fetch('/api/chat', { method: 'POST', body: '{}' }).then((response) => response.text()))
 * const { text } = await site.only('/api/chat')
 * ```
 *
 * @param idle - Where to take a context from and return it to; without it the page has one of its own.
 */
export async function openPage(browser: Browser, url: string, idle?: IdleContexts): Promise<TestPage> {
  const { context, page } = idle?.pop() ?? (await newContext(browser))
  const messages: string[] = []
  const errors: string[] = []
  page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(url)
  return {
    evaluate: (script: unknown, argument?: unknown) => page.evaluate(script as () => never, argument as never),
    console: messages,
    errors,
    async sessionId() {
      const id = await page.waitForFunction('window.DD_RUM?.getInternalContext()?.session_id', null, { polling: 20 })
      return (await id.jsonValue()) as string
    },
    async close() {
      if (idle === undefined) {
        return context.close()
      }
      await page.evaluate('try { localStorage.clear() } catch {}').catch(() => {})
      // Leaving the page first, lest it writes a cookie after they are cleared.
      await page.goto('about:blank')
      await Promise.all(context.pages().map((other) => (other === page ? undefined : other.close())))
      await context.unrouteAll()
      await context.clearCookies()
      page.removeAllListeners()
      idle.push({ context, page })
    },
    page,
    context,
  }
}

async function newContext(browser: Browser) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  return { context, page: await context.newPage() }
}

/** Makes RUM send the events that it still holds, as it does when a page is frozen. */
export async function flushRum(page: TestPage): Promise<void> {
  await page.evaluate(() => {
    // The SDK passes over events that no user agent made, but for this mark of its own.
    document.dispatchEvent(Object.assign(new Event('freeze'), { __ddIsTrusted: true }))
  })
}
