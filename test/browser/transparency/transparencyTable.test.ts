import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, alone, NATIVE, withoutId } from '../../support/alone.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import { ENGINE, type EngineName } from '../../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

/**
 * Two things have to differ with a call that matches: across origins a header has to be allowed first (below), and a call that is made while
 * RUM starts waits for it (`startupWait.test.ts`).
 */
/** The same call in a page without the plugin, and in one with it: one that no entry takes, and one for each carrier. */
const COLUMNS = ['native', 'plain', ...CARRIERS] as const
type Column = (typeof COLUMNS)[number]

/**
 * In the page: `call(url)` and others make a trace of what the page sees; it must be data, and free of what is a matter of time. `ROOT` is
 * where the calls go to, with an answer of each kind below it.
 */
const HELPERS: Source = `
  window.JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
  window.told = (error) => error instanceof Error || error instanceof DOMException ? [error.constructor.name, error.name, error.message] : ['thrown', error]
  window.settled = (promise) => promise.then((value) => ['resolved', value], (error) => ['rejected', told(error)])
  window.described = ({ status, statusText, ok, type, redirected, url, headers, body, bodyUsed }) =>
    ({ status, statusText, ok, type, redirected, url, headers: [...headers].filter(([name]) => !/^(date|keep-alive|connection)$/.test(name)), locked: body?.locked, bodyUsed })
  window.sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  window.xhrOf = (log) => {
    const xhr = new XMLHttpRequest()
    for (const type of ['readystatechange', 'loadstart', 'load', 'loadend', 'error', 'abort', 'timeout']) {
      xhr.addEventListener(type, () => log.push(type + ' ' + xhr.readyState + ' ' + xhr.status))
    }
    for (const type of ['loadstart', 'load', 'loadend', 'error', 'abort', 'timeout']) {
      xhr.upload.addEventListener(type, () => log.push('upload ' + type))
    }
    return xhr
  }
  window.ended = (xhr) => new Promise((resolve) => xhr.addEventListener('loadend', resolve))
  undefined`

/** A behaviour: a script that gives a trace, with the URL of the calls in `url`. */
interface Row {
  name: string
  script: Source
  /** The plugin is not there: each realm needs a RUM of its own. */
  untouched?: true
  /** It goes to the agent behind HTTP/2. */
  secure?: true
  /** How many requests arrive of it, where that is not one. */
  arrive?: number | 'any'
  /** Why an engine has nothing to compare. */
  lacks?: Partial<Record<EngineName, string>>
  /** It may be aborted while the plugin reads the body of its Request. */
  isAbortedInReading?: boolean
}

const withoutStreams = { firefox: NO_STREAMS, webkit: NO_STREAMS }

const abortRows: Row[] = [
  'fetch(url, { ...JSON_POST, signal })',
  'fetch(new Request(url, { ...JSON_POST, signal }))',
  'fetch(url, { signal })',
].flatMap(
  (call) =>
    [
      {
        name: `${call}: aborted before`,
        arrive: 0,
        script: `const signal = AbortSignal.abort(new RangeError('before')); return settled(${call})`,
      },
      {
        name: `${call}: aborted at once`,
        arrive: 'any',
        isAbortedInReading: call.includes('POST') && call.includes('Request'),
        script: `const c = new AbortController(), { signal } = c; const promise = settled(${call}); c.abort(); return promise`,
      },
      {
        name: `${call}: aborted a microtask later`,
        arrive: 'any',
        isAbortedInReading: call.includes('POST') && call.includes('Request'),
        script: `const c = new AbortController(), { signal } = c; const promise = settled(${call}); await undefined; c.abort('text'); return promise`,
      },
      {
        name: `${call}: aborted before the answer`,
        arrive: 'any',
        script: `const c = new AbortController(), { signal } = c; const promise = settled(${call.replaceAll('url', "url + '/hangs'")}); setTimeout(() => c.abort(), 100); return promise`,
      },
      {
        name: `${call}: out of time`,
        arrive: 'any',
        script: `const signal = AbortSignal.timeout(100); return settled(${call.replaceAll('url', "url + '/hangs'")})`,
      },
      {
        name: `${call}: aborted after the headers`,
        script: `const c = new AbortController(), { signal } = c; const response = await ${call.replaceAll('url', "url + '/slow'")}
        c.abort(new RangeError('after')); return [described(response), await settled(response.text()), response.bodyUsed]`,
      },
      {
        name: `${call}: aborted in the middle of the body`,
        script: `const c = new AbortController(), { signal } = c; const response = await ${call.replaceAll('url', "url + '/slow'")}
        const reader = response.body.getReader(); const first = await reader.read(); c.abort()
        return [first.done, new TextDecoder().decode(first.value), await settled(reader.read()), await settled(reader.closed)]`,
      },
      {
        name: `${call}: aborted when it is all there`,
        script: `const c = new AbortController(), { signal } = c; const response = await ${call}; const text = await response.text(); c.abort(); return text`,
      },
    ] as Row[],
)

const initRows: Row[] = [
  ...['follow', 'error', 'manual'].map((redirect) => ({
    name: `redirect: ${redirect}`,
    init: `redirect: '${redirect}'`,
    path: '/moved',
    arrive: 'any' as const,
  })),
  ...['omit', 'same-origin', 'include'].map((credentials) => ({
    name: `credentials: ${credentials}`,
    init: `credentials: '${credentials}'`,
    path: '',
  })),
  ...['default', 'no-store', 'reload', 'no-cache', 'force-cache'].map((cache) => ({
    name: `cache: ${cache}`,
    init: `cache: '${cache}'`,
    path: '',
  })),
  ...['', 'about:client', '/other?page'].map((referrer) => ({
    name: `referrer: ${referrer || 'none'}`,
    init: `referrer: '${referrer}'`,
    path: '',
  })),
  ...['no-referrer', 'origin', 'unsafe-url', 'same-origin', 'strict-origin-when-cross-origin'].map((policy) => ({
    name: `referrerPolicy: ${policy}`,
    init: `referrerPolicy: '${policy}'`,
    path: '',
  })),
  ...['low', 'high', 'auto'].map((priority) => ({
    name: `priority: ${priority}`,
    init: `priority: '${priority}'`,
    path: '',
  })),
  ...['cors', 'same-origin', 'no-cors'].map((mode) => ({ name: `mode: ${mode}`, init: `mode: '${mode}'`, path: '' })),
  { name: 'integrity that fits', init: "integrity: 'sha256-QGLtr3UPuAdOfoPgyQKMlOMkaKi28WFHdDKO8EUVD5M='", path: '' },
  {
    name: 'integrity that does not',
    init: "integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    path: '',
  },
  { name: 'keepalive', init: 'keepalive: true', path: '' },
].flatMap(({ name, init, path, ...others }) =>
  ['{ INIT }', '{ ...JSON_POST, INIT }'].map((whole) => ({
    name: `${name}, ${whole.includes('POST') ? 'POST' : 'GET'}`,
    script: `return settled(fetch(url + '${path}', ${whole.replace('INIT', init)}).then(async (response) => [described(response), await response.text()]))`,
    ...others,
  })),
)

/** Firefox tells that an upload has ended only when the answer comes. */
const ABORT_SENT: Source =
  ENGINE === 'firefox'
    ? 'setTimeout(() => xhr.abort(), 500)'
    : "xhr.upload.addEventListener('loadend', () => setTimeout(() => xhr.abort()))"

const xhrRows: Row[] = [
  ...['', 'text', 'arraybuffer', 'blob', 'document', 'json', 'unknown'].map((type) => ({
    name: `responseType: ${type || 'none'}`,
    script: `const log = [], xhr = xhrOf(log); xhr.open('POST', url); xhr.responseType = '${type}'; const end = ended(xhr); xhr.send('{"a":1}'); await end
      const { response } = xhr
      return [log, xhr.responseType, Object.prototype.toString.call(response), response?.byteLength ?? response?.size ?? (response && JSON.stringify(response))]`,
  })),
  {
    name: 'progress of an upload',
    script: `const log = [], xhr = xhrOf(log); xhr.open('POST', url); const end = ended(xhr); xhr.send('x'.repeat(10000)); await end; return log`,
  },
  {
    name: 'aborted before the answer',
    arrive: 'any',
    script: `const log = [], xhr = xhrOf(log); xhr.open('POST', url + '/hangs'); const end = ended(xhr); ${ABORT_SENT}; xhr.send('{"a":1}'); await end; return [log, xhr.readyState, xhr.status]`,
  },
  {
    name: 'aborted in the middle of the answer',
    script: `const log = [], xhr = xhrOf(log); xhr.open('GET', url + '/slow'); const end = ended(xhr); xhr.onprogress = () => xhr.abort(); xhr.send(); await end; return [log, xhr.readyState, xhr.responseText]`,
  },
  {
    name: 'out of time',
    arrive: 'any',
    script: `const log = [], xhr = xhrOf(log); xhr.open('GET', url + '/hangs'); xhr.timeout = 100; const end = ended(xhr); xhr.send(); await end; return [log, xhr.timeout, xhr.status]`,
  },
  {
    name: 'time that is set while it runs',
    arrive: 'any',
    lacks: { webkit: 'an XHR that runs takes no time to be set' },
    script: `const log = [], xhr = xhrOf(log); xhr.open('GET', url + '/hangs'); const end = ended(xhr); xhr.send(); xhr.timeout = 100; await end; return log`,
  },
  {
    name: 'synchronous',
    script: `const log = [], xhr = xhrOf(log); xhr.open('POST', url, false); xhr.send('{"a":1}'); return [log, xhr.status, xhr.responseText, xhr.responseURL, xhr.getResponseHeader('content-type')]`,
  },
  {
    name: 'synchronous to where nothing listens',
    arrive: 0,
    script: `const log = [], xhr = xhrOf(log); xhr.open('GET', 'http://127.0.0.1:1' + new URL(url, location).pathname, false); try { xhr.send() } catch (error) { return [log, error.name, error.message.replace(/'[^']*'/, '')] }`,
  },
  {
    name: 'redirected',
    arrive: 'any',
    script: `const log = [], xhr = xhrOf(log); xhr.open('GET', url + '/moved'); const end = ended(xhr); xhr.send(); await end; return [log, xhr.responseURL]`,
  },
  {
    name: 'a listener that throws',
    script: `const log = [], xhr = xhrOf(log); const errors = []; const note = (event) => { errors.push(event.message); event.preventDefault() }
      addEventListener('error', note); xhr.addEventListener('load', () => { throw new RangeError('of the page') }); xhr.open('GET', url); const end = ended(xhr); xhr.send(); await end
      await sleep(0); removeEventListener('error', note); return [log, errors]`,
  },
]

const fetchRows: Row[] = [
  {
    name: 'turns of the microtask queue until a wrong call is rejected',
    arrive: 0,
    script: `let turns = 0, isDone = false; fetch(url, { method: 'a b' }).catch(() => { isDone = true }); while (!isDone && turns < 50) { turns++; await undefined } return turns`,
  },
  {
    name: 'turns until an aborted call is rejected',
    arrive: 0,
    script: `let turns = 0, isDone = false; fetch(url, { ...JSON_POST, signal: AbortSignal.abort() }).catch(() => { isDone = true }); while (!isDone && turns < 50) { turns++; await undefined } return turns`,
  },
  {
    name: 'a rejection that nobody handles',
    arrive: 0,
    script: `const seen = new Promise((resolve) => addEventListener('unhandledrejection', (event) => { event.preventDefault(); resolve(told(event.reason)) }, { once: true }))
      fetch(url, { mode: 'same-origin', method: 'a b' }); return Promise.race([seen, sleep(2000)])`,
  },
  {
    name: 'a rejection that is handled in time',
    arrive: 0,
    script: `let seen = 0; const note = (event) => { event.preventDefault(); seen++ }; addEventListener('unhandledrejection', note)
      await fetch(url, { method: 'a b' }).catch(() => {}); await sleep(50); removeEventListener('unhandledrejection', note); return seen`,
  },
  {
    name: 'a Request: bodyUsed at once, and afterwards',
    script: `const request = new Request(url, JSON_POST); const states = [request.bodyUsed]; const promise = fetch(request); states.push(request.bodyUsed, request.body?.locked)
      const response = await promise; return [...states, request.bodyUsed, described(response), await settled(fetch(request).then(() => 0)), await settled(request.text())]`,
  },
  {
    name: 'a clone of a Request',
    arrive: 2,
    script: `const request = new Request(url, JSON_POST), copy = request.clone(); await fetch(request); return [copy.bodyUsed, described(await fetch(copy)), copy.bodyUsed]`,
  },
  {
    name: 'a Response: read once',
    script: `const response = await fetch(url, JSON_POST); const before = response.bodyUsed; const copy = response.clone(); return [before, await response.json(), response.bodyUsed, await settled(response.text()), await copy.text()]`,
  },
  {
    name: 'a Response that is read in small pieces',
    lacks: { webkit: 'the body of a Response is no stream of bytes' },
    script: `const response = await fetch(url + '/large'); const reader = response.body.getReader({ mode: 'byob' }); let size = 0
      for (let part = await reader.read(new Uint8Array(512)); !part.done; part = await reader.read(new Uint8Array(512))) size += part.value.length
      return size`,
  },
  {
    name: 'a Response that is cancelled',
    script: `const response = await fetch(url + '/slow'); const reader = response.body.getReader(); await reader.read(); return [await settled(reader.cancel('enough')), await settled(reader.closed)]`,
  },
  {
    name: 'an upload by stream',
    secure: true,
    lacks: withoutStreams,
    script: `let pulls = 0; const body = new ReadableStream({ pull(c) { pulls++ < 5 ? c.enqueue(new TextEncoder().encode('part' + pulls)) : c.close() } }, { highWaterMark: 0 })
      const response = await fetch(url, { method: 'POST', duplex: 'half', body }); return [described(response), pulls, body.locked]`,
  },
  {
    name: 'an upload by stream that fails',
    secure: true,
    lacks: withoutStreams,
    arrive: 'any',
    script: `const body = new ReadableStream({ pull(c) { c.error(new RangeError('of the page')) } }, { highWaterMark: 0 })
      return settled(fetch(url, { method: 'POST', duplex: 'half', body }))`,
  },
  {
    name: 'an upload by stream that is aborted',
    secure: true,
    lacks: withoutStreams,
    arrive: 'any',
    script: `const c = new AbortController(); let reason; const body = new ReadableStream({ cancel(why) { reason = told(why) } })
      const promise = settled(fetch(url, { method: 'POST', duplex: 'half', body, signal: c.signal })); await sleep(50); c.abort(new RangeError('now'))
      const result = await promise; await sleep(0); return [result, reason]`,
  },
  {
    name: 'two calls at once',
    arrive: 2,
    script: `return Promise.all([fetch(url, JSON_POST), fetch(url)].map(async (promise) => described(await promise)))`,
  },
]

const realmRows: Row[] = [
  {
    name: 'a worker, whose globals the plugin does not touch',
    script: `const source = 'onmessage = async ({ data }) => { const response = await fetch(data, { method: "POST", body: "{}" }); postMessage([response.status, String(fetch), Object.getOwnPropertyNames(self).filter((n) => /DD_|rum/.test(n))]) }'
      const worker = new Worker(URL.createObjectURL(new Blob([source]))); const answer = new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data) })
      worker.postMessage(new URL(url, location).href); const result = await answer; worker.terminate(); return result`,
    untouched: true,
  },
  {
    name: 'an iframe, whose globals the plugin does not touch',
    script: `const frame = document.createElement('iframe'); document.body.append(frame); const other = frame.contentWindow
      const response = await other.fetch(url, { method: 'POST', body: '{}' }); const result = [response.status, String(other.fetch), String(other.XMLHttpRequest.prototype.send), response instanceof Response]
      frame.remove(); return result`,
    untouched: true,
  },
]

const GROUPS: Record<string, Row[]> = {
  fetch: fetchRows,
  'a fetch that is aborted': abortRows,
  'a fetch with settings': initRows,
  'an XHR': xhrRows,
  'another realm': realmRows,
}

const pages = {} as Record<'native' | 'served', TestPage>
let count = 0
beforeAll(async () => {
  pages.native = await stage.open(NATIVE)
  pages.served = await stage.open(
    alone(
      `origins: [...${ENTRY_PER_CARRIER}, ...${JSON.stringify(CARRIERS)}.map((carrier) => ({ match: '${stage.secure.origin}/agent/' + carrier, carrier }))]`,
    ),
  )
  for (const page of Object.values(pages)) {
    await page.evaluate(HELPERS)
  }
})

/** What the row gives in a column: what the page sees, and what the server gets, without the id; and how often that was in it. */
async function run(column: Column, { script, secure, arrive = 1 }: Row) {
  const server = secure ? stage.secure : stage.site
  const name = column === 'native' ? 'native' : 'served'
  const root = `${column === 'native' || column === 'plain' ? '/plain' : `/agent/${column}`}/${column}/${++count}`
  server.respond(`${root}/hangs`, (_, response) => new Promise<void>((resolve) => response.on('close', resolve)))
  server.respond(`${root}/slow`, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: one\n\n')
    return new Promise<void>((resolve) => response.on('close', resolve))
  })
  server.respond(`${root}/large`, (_, response) => response.writeHead(200).end('x'.repeat(300_000)))
  server.respond(`${root}/moved`, (_, response) => response.writeHead(302, { Location: `${root}/goal` }).end())
  const seen = await pages[name].evaluate(`(async () => { const url = '${server.origin}${root}'; ${script} })()`)
  const arrived = () => server.requests.filter(({ path }) => path === root || path.startsWith(`${root}/`))
  if (typeof arrive === 'number') {
    await expect.poll(() => arrived().length, { timeout: 10_000, interval: 5 }).toBe(arrive)
  }
  const bare = (request: CapturedRequest) => {
    const rawHeaders = request.rawHeaders.filter(([header]) => !header.startsWith(':'))
    const { headers, ...rest } = withoutId({ ...request, rawHeaders })
    const referer = request.header('referer')?.replace(/\/pages\/\d+\.html/, '/pages')
    return { path: request.path, ...rest, headers, referer, cookie: 'cookie' in headers }
  }
  // Which of two calls at once arrives first is a matter of chance.
  const requests = arrived()
    .map(bare)
    .sort((one, two) => one.method.localeCompare(two.method))
  const clean = (value: unknown) =>
    JSON.parse(
      (JSON.stringify(value) ?? 'null')
        .replaceAll(root, 'ROOT')
        .replace(new RegExp(`[?&]session_id=${ALONE_ID}`, 'g'), ''),
    )
  return {
    trace: clean({ seen, requests: arrive === 'any' ? [] : requests.map(({ carried: _, ...request }) => request) }),
    carried: requests.filter(({ path }) => !path.endsWith('/goal')).map(({ carried }) => carried),
  }
}

describe.each(Object.entries(GROUPS))('%s', (_, rows) => {
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
})

/** Calls to another origin, which it answers with the CORS headers that are asked for. */
const ACROSS: Record<string, Source> = {
  'a GET': 'return settled(fetch(url).then(described))',
  'a POST of text': "return settled(fetch(url, { method: 'POST', body: '{\"a\":1}' }).then(described))",
  'a POST of JSON': 'return settled(fetch(url, JSON_POST).then(described))',
  'a Request': 'return settled(fetch(new Request(url, JSON_POST)).then(described))',
  'a call with credentials': "return settled(fetch(url, { ...JSON_POST, credentials: 'include' }).then(described))",
  'a PUT with a header': "return settled(fetch(url, { method: 'PUT', headers: { 'x-own': '1' } }).then(described))",
  'an XHR':
    "const log = [], xhr = new XMLHttpRequest(); xhr.open('POST', url); const end = ended(xhr); xhr.send('text'); await end; return xhr.status",
  'an XHR with a listener on its upload':
    "const log = [], xhr = xhrOf(log); xhr.open('POST', url); const end = ended(xhr); xhr.send('text'); await end; return log",
  'an XHR with a listener that comes after open':
    "const log = [], xhr = new XMLHttpRequest(); xhr.open('POST', url); xhr.upload.onload = () => log.push('load'); const end = ended(xhr); xhr.send('text'); await end; return log",
  'an XHR with a listener that comes after send':
    "const log = [], xhr = new XMLHttpRequest(); xhr.open('POST', url); const end = ended(xhr); xhr.send('text'); xhr.upload.onload = () => log.push('load'); await end; return log",
}
/** The headers that a carrier brings; that a call with one is asked about first, is what CORS has it do. */
const BROUGHT: Partial<Record<Column, string[]>> = {
  baggage: ['baggage'],
  'trace-tags': ['x-datadog-parent-id', 'x-datadog-tags', 'x-datadog-trace-id'],
}

describe('across origins', () => {
  it.each(Object.entries(ACROSS))(
    '%s asks first where it does so natively, or for the headers of its carrier',
    async (name, script) => {
      const asked = async (column: Column) => {
        stage.secure.preflights.length = 0
        const { trace, carried } = await run(column, { name, script, secure: true })
        const preflights = stage.secure.preflights.map((request) => ({
          method: request.header('access-control-request-method'),
          headers: request.header('access-control-request-headers')?.split(',').sort() ?? [],
        }))
        return { trace, carried, preflights }
      }
      const native = await asked('native')
      for (const column of COLUMNS.slice(1)) {
        const { trace, carried, preflights } = await asked(column)
        expect(trace, column).toEqual(native.trace)
        expect(carried, column).toEqual([column === 'plain' ? 0 : 1])
        const brought = BROUGHT[column]
        const method = native.preflights[0]?.method ?? (name.endsWith('GET') ? 'GET' : 'POST')
        expect(preflights, column).toEqual(
          brought
            ? [{ method, headers: [...(native.preflights[0]?.headers ?? []), ...brought].sort() }]
            : native.preflights,
        )
      }
    },
  )
})
