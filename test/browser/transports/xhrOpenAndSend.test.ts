import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CapturedRequest } from '../../support/captureServer.js'
import { ENGINE } from '../../support/engines/engine.js'
import type { Source, TestPage } from '../../support/page.js'
import { ENTRY_PER_CARRIER, placesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

/** Requests of every carrier. The last of each makes the carrier need another URL, or another value of a header. */
const SHAPES: Array<[carrier: string, method: string, headers: Record<string, string>, body: Source]> = [
  ['body', 'POST', { 'content-type': 'application/json' }, `'{"a":1}'`],
  ['body', 'POST', {}, 'new ArrayBuffer(3)'],
  ['body', 'GET', {}, 'undefined'],
  ['query', 'POST', { 'content-type': 'application/json' }, `'{"a":1}'`],
  ['query', 'GET', {}, 'null'],
  ['baggage', 'POST', {}, `'{"a":1}'`],
  ['baggage', 'POST', { baggage: 'a=1' }, `'{"a":1}'`],
  ['trace-tags', 'POST', {}, `'{"a":1}'`],
  ['trace-tags', 'GET', { 'x-datadog-tags': '_dd.p.a=1' }, 'undefined'],
]
const MODES = ['asynchronous', 'synchronous'] as const

let page: TestPage
let id: string
beforeAll(async () => {
  page = await stage.open({
    before: 'window.nativeOpen = XMLHttpRequest.prototype.open',
    plugins: `[
      window.plugin = DD_LLM_CORRELATION.llmCorrelation(${ENTRY_PER_CARRIER}),
      { name: 'observer', onInit: (options) => { window.restart = () => plugin.onInit(options) } },
    ]`,
  })
  id = await page.sessionId()
})
afterAll(() => page?.close())

/** The request as it would be without the id. */
function withoutId(request: CapturedRequest, base: string) {
  const without = (text = '') =>
    text.replace(new RegExp(`,? ?"?(session[._]id|_dd\\.p\\.llmobs_sid)"?[:=]"?${id}"?,?`), '').replace(/&$/, '')
  return {
    method: request.method,
    path: request.path.replace(base, '…'),
    query: without(request.query),
    text: without(request.text),
    headers: ['content-type', 'x-own', 'baggage', 'x-datadog-tags'].map((name) => without(request.header(name))),
  }
}

let runs = 0

/** WebKit allows 100 changes of the address in ten seconds: there, one request for each carrier makes them. */
const shapesFor = (script: Source) =>
  SHAPES.filter(
    ([carrier], index) =>
      ENGINE !== 'webkit' || !script.includes('history') || SHAPES.findIndex(([first]) => first === carrier) === index,
  )

/** Does with one request after another what `script` says, and tells what the page saw of it, and what arrived. */
async function run(root: string, script: Source, isAsync: boolean, all = shapesFor(script)) {
  const at = `${++runs}`
  const shapes = all.map(
    ([carrier, method, headers, body], index) => `{
      base: '/${root}/${carrier}/${at}/${index}', method: '${method}', headers: ${JSON.stringify(headers)}, body: ${body} }`,
  )
  const logs = await page.evaluate<string[][]>(`(async () => {
    const logs = []
    const isAsync = ${isAsync}
    const home = location.href
    const newBase = (href) => { document.head.insertAdjacentHTML('afterbegin', '<base href="' + href + '">') }
    for (const { base, method, headers, body } of [${shapes}]) {
      const [first, second, elsewhere] = [base + '/first', base + '/second', '/elsewhere' + base + '/third']
      const xhr = new XMLHttpRequest()
      const log = []
      // Firefox now and then tells of the headers twice.
      const note = (entry) => { if (!${ENGINE === 'firefox'} || log.at(-1) !== entry) log.push(entry) }
      for (const type of ['readystatechange', 'loadstart', 'load', 'error', 'abort', 'loadend']) {
        xhr.addEventListener(type, () => note(type + ' ' + xhr.readyState + ' ' + xhr.status))
      }
      const open = (url, by = method) => xhr.open(by, url, isAsync)
      const send = () => {
        for (const name in headers) xhr.setRequestHeader(name, headers[name])
        xhr.setRequestHeader('x-own', '1')
        xhr.send(body)
      }
      const onOpened = (act) => xhr.addEventListener('readystatechange', () => xhr.readyState === 1 && act(), { once: true })
      const attempt = (act) => { try { act() } catch (error) { log.push(error.name) } }
      attempt(() => { ${script} })
      if (isAsync && log.some((entry) => entry.startsWith('loadstart')) && xhr.readyState !== 4) {
        await new Promise((resolve) => { xhr.addEventListener('loadend', resolve) })
      }
      document.querySelector('base')?.remove()
      logs.push(log)
    }
    // Seldom, for Chromium ignores such changes when they are many.
    if (location.href !== home) history.replaceState(null, '', home)
    return logs
  })()`)
  const requests = all.map(([carrier], index) => {
    const base = `/${root}/${carrier}/${at}/${index}`
    return stage.site.requests
      .filter(({ path }) => path.includes(`${base}/`))
      .map((request) => ({ ...withoutId(request, base), ids: placesOf(request, id).length }))
  })
  return { logs, requests }
}

/** What a page does, and which requests must carry the id, by the last part of their path. */
const CASES: Array<[name: string, script: Source, carried?: Record<string, 'any'>]> = [
  ['nothing else', 'open(first); send()'],
  ['open again', "open(first); xhr.setRequestHeader('x-old', '1'); open(second); send()"],
  ['open again by another method', "open(first, 'PUT'); open(second, 'POST'); send()"],
  ['open again where no entry matches', 'open(first); open(elsewhere); send()'],
  ['open again where one matches', 'open(elsewhere); open(second); send()'],
  ['open inside readystatechange', 'onOpened(() => open(second)); open(first); send()'],
  ['open inside readystatechange by another method', "onOpened(() => open(second, 'PUT')); open(first); send()"],
  ['open inside readystatechange where no entry matches', 'onOpened(() => open(elsewhere)); open(first); send()'],
  ['open inside readystatechange where one matches', 'onOpened(() => open(second)); open(elsewhere); send()'],
  ['send inside readystatechange', 'onOpened(send); open(first)'],
  ['send inside onreadystatechange', 'xhr.onreadystatechange = () => xhr.readyState === 1 && send(); open(first)'],
  ['send inside readystatechange, and again', 'onOpened(send); open(first); send()'],
  ['open and send inside readystatechange', 'onOpened(() => { open(second); send() }); open(first)'],
  [
    'open and send inside readystatechange where no entry matches',
    'onOpened(() => { open(elsewhere); send() }); open(first)',
  ],
  [
    'open inside readystatechange of a request that was used before',
    `open(first); send(); onOpened(() => open(second)); open(elsewhere); send()`,
  ],
  [
    'pushState after open',
    "history.pushState(null, '', base + '/a/'); open('b'); history.pushState(null, '', '/c/d/'); send()",
  ],
  [
    'pushState after open to where the URL would match',
    "history.pushState(null, '', elsewhere + '/a/'); open('b'); history.pushState(null, '', base + '/a/'); send()",
  ],
  ['a new <base> after open', "newBase(base + '/a/'); open('b'); newBase('/c/'); send()"],
  [
    'a <base> that goes after open',
    "newBase(base + '/a'); open('?b=1'); document.querySelector('base').remove(); send()",
  ],
  [
    'a URL object that the page changes',
    "const url = new URL(first, location); open(url); url.pathname = elsewhere; url.search = '?b'; send()",
  ],
  [
    'a URL object that the page points to another origin',
    "const url = new URL(first, location); open(url); url.port = '1'; send()",
  ],
  [
    'a method object that the page changes',
    'let name = method; open(first, { toString: () => name }); name = "DELETE"; send()',
  ],
  ['an open that fails', "open(first); attempt(() => open(second, 'a b')); send()", { first: 'any' }],
  ['an open of an invalid URL', "open(first); attempt(() => open('http://')); send()", { first: 'any' }],
  ['stop before send', 'open(first); plugin.stop(); send(); restart()', { first: 'any' }],
  ['stop, and a new start, before send', 'open(first); plugin.stop(); restart(); send()', { first: 'any' }],
  [
    'open again while the plugin is stopped',
    'open(first); plugin.stop(); open(second); restart(); send()',
    { second: 'any' },
  ],
  [
    'open again while the plugin is stopped, where no entry matches',
    'open(first); plugin.stop(); open(elsewhere); restart(); send()',
  ],
  [
    'open again while the plugin is stopped below another patch',
    `const { prototype } = XMLHttpRequest, patched = prototype.open
    prototype.open = function () { return patched.apply(this, arguments) }
    try { open(first); plugin.stop(); open(elsewhere); restart(); send() } finally { prototype.open = patched }`,
  ],
]

const withoutIds = ({ requests }: Awaited<ReturnType<typeof run>>) =>
  requests.map((list) => list.map(({ ids, ...others }) => others))

describe.each(MODES)('%s XHR arrives where and as it would without the plugin', (mode) => {
  it.each(CASES)('%s', async (_, script, carried = {}) => {
    const plain = await run('plain', script, mode === 'asynchronous')
    const agent = await run('agent', script, mode === 'asynchronous')
    // Whether a request arrives that is aborted at once is a matter of chance.
    const isAborted = script.includes('send(); onOpened') && mode === 'asynchronous'
    const certain = (result: typeof plain) =>
      withoutIds(result).map((list) => list.filter(({ path }) => !(isAborted && path.endsWith('/first'))))
    expect(certain(agent)).toEqual(certain(plain))
    expect(agent.logs).toEqual(plain.logs)
    for (const { path, ids } of agent.requests.flat()) {
      const isAny = carried[path.split('/').pop() as string] === 'any'
      const expected = isAny ? ids : path.startsWith('/elsewhere') ? 0 : 1
      expect(ids, `times that the id is in the request to ${path}`).toBe(expected)
    }
  })

  // Nobody can tell such an `open`: it fires no event. What is added after it goes where it leads, and no URL may change.
  it.each<[name: string, script: Source]>([
    ['that an entry matches', "open(first); nativeOpen.call(xhr, 'PUT', second, isAsync); send()"],
    ['that none matches', "open(first); nativeOpen.call(xhr, 'PUT', elsewhere, isAsync); send()"],
  ])('opened again by a native open captured earlier, with a URL %s', async (_, script) => {
    const shapes = SHAPES.filter(([carrier, , headers, body]) =>
      carrier === 'trace-tags' ? Object.keys(headers).length === 0 : !body.includes('ArrayBuffer'),
    )
    const plain = await run('plain', script, mode === 'asynchronous', shapes)
    const agent = await run('agent', script, mode === 'asynchronous', shapes)
    expect(withoutIds(agent)).toEqual(withoutIds(plain))
    expect(agent.logs).toEqual(plain.logs)
  })
})

it('no change of the address was ignored by the browser', () => {
  expect(page.console.filter((message) => message.includes('Throttling'))).toEqual([])
})
