import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CapturedRequest, CaptureServer } from '../../support/captureServer.js'
import { ENGINE, type EngineName } from '../../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { STUB_SESSION_ID } from '../../support/stubRum.js'
import { withoutId } from '../../support/withoutId.js'
import { type TraceTools, traceTools } from './traceTools.js'

/** The same call in a page without the plugin, and in one with it: one that no entry takes, and one for each carrier. */
export const COLUMNS = ['native', 'plain', ...CARRIERS] as const
export type Column = (typeof COLUMNS)[number]

/** A behaviour: what a page does, and what comes of it. */
export interface Row {
  name: string
  /** In the page: gives a trace of what it sees. Below `url` there is an answer of each kind. */
  script: (tools: TraceTools & { url: string }) => unknown
  /** Further members of what the script is given. */
  values?: object
  /** The plugin is not there: each realm needs a RUM of its own. */
  untouched?: true
  /** It goes to the agent behind HTTP/2. */
  secure?: true
  /** How many requests arrive of it, if that is not one. */
  arrive?: number | 'any'
  /** Why an engine has nothing to compare. */
  lacks?: Partial<Record<EngineName, string>>
  /** It may be aborted while the plugin reads the body of its Request. */
  isAbortedInReading?: boolean
}

/** A script that is given further values. */
export const withValues = <V extends object>(
  values: V,
  script: (tools: TraceTools & { url: string } & V) => unknown,
): Pick<Row, 'values' | 'script'> => ({ values, script: script as Row['script'] })

export const WITHOUT_STREAMS = { firefox: NO_STREAMS, webkit: NO_STREAMS }

let page: Page

/** Opens the pages of a file's tests. */
export function useCarrierPages(): void {
  beforeAll(async () => {
    const secure = CARRIERS.map((carrier) => ({ match: `${servers.secure.origin}/agent/${carrier}`, carrier }))
    page = await openPage({ sdk: 'stub', plugin: { origins: [...ENTRIES, ...secure] } })
  })
  afterAll(() => page?.close())
}

/** Each row gives the same trace in each column, and the id arrives once with each call that an entry takes. */
export function itIsTheSameWithEachCarrier(rows: Row[]): void {
  it.each(rows)('$name', async (row) => {
    for (const [engine, reason] of Object.entries(row.lacks ?? {})) {
      skipIn(engine as EngineName, reason)
    }
    const native = await run('native', row)
    for (const column of COLUMNS.slice(1)) {
      const { trace, carried } = await run(column, row)
      if (ENGINE === 'webkit' && ['body', 'query'].includes(column) && row.isAbortedInReading) {
        // WebKit has an error of its own for each abort, the plugin the signal's reason.
        expect(trace.seen[0], column).toBe('rejected')
      } else {
        expect(trace, column).toEqual(native.trace)
      }
      const isCarried = column !== 'plain' && !row.untouched
      expect(carried, column).toEqual(carried.map(() => (isCarried ? 1 : 0)))
    }
  })
}

let count = 0

/** What the row gives in a column: what the page sees, and what the server gets, without the id; and how often that was in it. */
export async function run(column: Column, { script, values, secure, arrive = 1 }: Row) {
  const server = secure ? servers.secure : servers.site
  const root = `${column === 'native' || column === 'plain' ? '/plain' : `/agent/${column}`}/${column}/${++count}`
  answerBelow(server, root)
  const columnPage = column === 'native' ? await page.twin() : page
  const seen = await columnPage.run(({ script, tools, url, values }) => script({ ...tools(), url, ...values }), {
    script,
    tools: traceTools,
    url: server.origin + root,
    values,
  })
  const arrived = () => server.requests.filter(({ path }) => path === root || path.startsWith(`${root}/`))
  if (typeof arrive === 'number') {
    await expect.poll(() => arrived().length, { ...PATIENTLY, interval: 5 }).toBe(arrive)
  }
  // Which of two calls at once arrives first is a matter of chance.
  const requests = arrived()
    .map(bare)
    .sort((one, two) => one.method.localeCompare(two.method))
  const sent = arrive === 'any' ? [] : requests.map(({ carried: _, ...request }) => request)
  return {
    trace: clean({ seen, requests: sent }, root),
    carried: requests.filter(({ path }) => !path.endsWith('/goal')).map(({ carried }) => carried),
  }
}

/** Answers that take their time, are long, or lead elsewhere. */
function answerBelow(server: CaptureServer, root: string): void {
  const untilClosed = (response: ServerResponse) => new Promise<void>((resolve) => response.on('close', resolve))
  server.respond(`${root}/hangs`, (_, response) => untilClosed(response))
  server.respond(`${root}/slow`, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: one\n\n')
    return untilClosed(response)
  })
  server.respond(`${root}/large`, (_, response) => response.writeHead(200).end('x'.repeat(300_000)))
  server.respond(`${root}/moved`, (_, response) => response.writeHead(302, { Location: `${root}/goal` }).end())
}

/** A request without what tells pages and connections apart. */
function bare(request: CapturedRequest) {
  const rawHeaders = request.rawHeaders.filter(([header]) => !header.startsWith(':'))
  const { headers, ...rest } = withoutId({ ...request, rawHeaders })
  const referer = request.header('referer')?.replace(/\/pages\/\d+\.html/, '/pages')
  return { path: request.path, ...rest, headers, referer, cookie: 'cookie' in headers }
}

/** A trace without the id, and without what tells columns apart. */
const clean = (value: unknown, root: string) =>
  JSON.parse(
    (JSON.stringify(value) ?? 'null')
      .replaceAll(root, 'ROOT')
      .replace(new RegExp(`[?&]session_id=${STUB_SESSION_ID}`, 'g'), ''),
  )
