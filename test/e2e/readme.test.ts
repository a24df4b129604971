import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pythonCommand } from '../../demo/agentProcess.mjs'
import { type Demo, startDemo } from '../../demo/startDemo.mjs'
import type { TestPage } from '../support/page.js'
import { useStage } from '../support/stage.js'

const json = { 'content-type': 'application/json' }

/** The code block of a document that has `text` in it. */
function snippet(language: string, text: string, document = 'README.md'): string {
  const blocks = [...readFileSync(document, 'utf8').matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(
    ([, name, code]) => name === language && code?.includes(text),
  )
  expect(blocks).toHaveLength(1)
  return blocks[0]?.[2] as string
}

describe('in the page', () => {
  const stage = useStage()
  const withProxy = (code: string) =>
    code.replace("clientToken: '<CLIENT_TOKEN>',", "clientToken: '<CLIENT_TOKEN>', proxy: '/rum-intake',")
  const scriptTags = () => withProxy(snippet('html', '<script src="/datadog-rum.js">'))
  // What Datadog's snippet leaves: a list of what to do when the SDK is there, and a script tag for it.
  const asyncTags = () => `<script>window.DD_RUM = { q: [], onReady: (callback) => DD_RUM.q.push(callback) }</script>
    <script src="/datadog-rum.js" async></script>
    ${withProxy(snippet('html', 'startRum()'))}`

  const integrity = JSON.parse(readFileSync('dist/sri.json', 'utf8'))['rum-llm-correlation.iife.js'] as string
  const FILES: Record<string, string> = {
    '/datadog-rum.js': 'node_modules/@datadog/browser-rum/bundle/datadog-rum.js',
    '/rum-llm-correlation.iife.js': 'dist/rum-llm-correlation.iife.js',
  }

  /** Opens a page with the HTML of a snippet; `late` names the file that comes after all else, `missing` one that does not. */
  async function openHtml(html: string, { late, missing }: { late?: string; missing?: string } = {}) {
    const page = await stage.open({ rum: false, plugin: false })
    await page.context.route('**/snippet.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<!doctype html>${html}` }),
    )
    for (const [path, file] of Object.entries(FILES)) {
      await page.context.route(`**${path}`, async (route) => {
        if (path === late) {
          await new Promise((resolve) => setTimeout(resolve, 300))
        }
        return path === missing
          ? route.abort()
          : route.fulfill({
              contentType: 'text/javascript',
              path: file,
              headers: { 'access-control-allow-origin': '*' },
            })
      })
    }
    await page.page.goto(`${stage.site.origin}/snippet.html`)
    return page
  }

  const npmPage = (change = (code: string) => code) =>
    stage.open({
      rum: false,
      plugin: false,
      module: `${change(withProxy(snippet('js', "from 'rum-llm-correlation'")))};window.DD_RUM = datadogRum`,
    })

  it('the npm snippet correlates a call', async () => {
    await expectCorrelated(await npmPage(), '/api/chat/npm')
  })

  it('the npm snippet correlates a form and a GET', async () => {
    const page = await npmPage()
    const id = await page.sessionId()
    await page.evaluate(async () => {
      await fetch('/api/chat/form', { method: 'POST', body: new URLSearchParams('message=hi') })
      await fetch('/api/chat/get?message=hi')
    })
    expect((await stage.site.only('/api/chat/form')).text).toBe(`message=hi&session_id=${id}`)
    expect((await stage.site.only('/api/chat/get')).query).toBe(`message=hi&session_id=${id}`)
    await page.close()
  })

  it('the npm snippet leaves calls of a session that is not sampled as they are', async () => {
    const page = await npmPage((code) => code.replace('clientToken:', 'sessionSampleRate: 0, clientToken:'))
    await page.evaluate(async () => {
      await fetch('/api/chat/json', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })
      await fetch('/api/chat/unsampled', { method: 'POST', body: new URLSearchParams('a=1') })
      await fetch('/api/chat/bare')
    })
    expect((await stage.site.only('/api/chat/json')).text).toBe('{"a":1}')
    expect((await stage.site.only('/api/chat/unsampled')).text).toBe('a=1')
    expect((await stage.site.only('/api/chat/bare')).url).toBe('/api/chat/bare')
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('a field that is written by hand, as in the guide, stays, and the console says what it says without it', async () => {
    const page = await npmPage((code) => code.replace('origins:', 'debug: true, origins:'))
    const id = await page.sessionId()
    await page.evaluate(async () => {
      const send = (path: string, content: object) =>
        fetch(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(content),
        })
      const rum = (window as unknown as { DD_RUM: { getInternalContext(): { session_id: string } } }).DD_RUM
      await send('/api/chat/by-hand', { message: 'hi', session_id: rum.getInternalContext().session_id })
      await send('/api/chat/by-plugin', { message: 'hi' })
    })
    expect((await stage.site.only('/api/chat/by-hand')).text).toBe(`{"message":"hi","session_id":"${id}"}`)
    const lines = page.console.filter((line) => /by-(?:hand|plugin)/.test(line))
    expect(lines.map((line) => line.replace(/.*by-\w+/, ''))).toEqual([': body session_id', ': body session_id'])
    await page.close()
  })

  it.each([
    ['script-tag', scriptTags, {}],
    ['async', asyncTags, {}],
    ['async', asyncTags, { late: '/datadog-rum.js' }],
    ['async', asyncTags, { late: '/rum-llm-correlation.iife.js' }],
  ])('the %s snippet correlates a call (%#)', async (name, html, when) => {
    await expectCorrelated(await openHtml(html(), when), `/api/chat/${name}`)
  })

  it.each(['unpkg.com', 'cdn.jsdelivr.net'])('the tag for %s loads the plugin, with its hash', async (host) => {
    const [, of] = /cdn\.jsdelivr\.net(\/npm)/.exec(snippet('html', 'integrity')) ?? []
    const tag = snippet('html', 'integrity')
      .replace(/integrity="[^"]*"/, `integrity="${integrity}"`)
      .replace('unpkg.com', host === 'unpkg.com' ? host : `${host}${of}`)
    const page = await openHtml(`${tag}<script>window.plugin = DD_LLM_CORRELATION.llmCorrelation(['/chat'])</script>`)
    expect(await page.evaluate<string>('plugin.name')).toBe('llm-correlation')
    await page.close()
  })

  it.each([
    ['script-tag', scriptTags],
    ['async', asyncTags],
  ])('the %s snippet starts RUM without the file of the plugin', async (_name, html) => {
    const page = await openHtml(html(), { missing: '/rum-llm-correlation.iife.js' })
    expect(await page.sessionId()).toMatch(/^[\da-f-]{36}$/)
    expect(page.errors).toEqual([])
    await page.close()
  })

  async function expectCorrelated(page: TestPage, path: string) {
    const id = await page.sessionId()
    const before = stage.site.requests.length
    await page.evaluate(
      (url: string) =>
        fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"message":"hi"}' }).then(
          (response) => response.text(),
        ),
      path,
    )
    const call = stage.site.requests.slice(before).find(({ url }) => url === path)
    expect(call?.text).toBe(`{"session_id":"${id}","message":"hi"}`)
    expect(page.errors).toEqual([])
    await page.close()
  }

  it('the entries are all accepted', async () => {
    const page = await stage.open({
      rum: false,
      after: `window.plugin = DD_LLM_CORRELATION.${snippet('js', 'agents').trim()}`,
    })
    expect(await page.evaluate<string>('plugin.name')).toBe('llm-correlation')
    expect(page.console).toEqual([])
    await page.close()
  })
})

/** What a backend is asked: by each carrier, and what must not trouble it. */
type Request = [what: string, path: string, init: RequestInit, session: boolean]
const requests: Request[] = [
  ['a JSON body', '', { method: 'POST', headers: json, body: '{"session_id":"$ID","message":"$MESSAGE"}' }, true],
  ['a form body', '', { method: 'POST', body: new URLSearchParams('a=1&session_id=$ID&message=$MESSAGE') }, true],
  ['a query parameter', '?session_id=$ID', { method: 'POST', headers: json, body: '{"message":"$MESSAGE"}' }, true],
  ['a query parameter, as a GET', '?session_id=$ID&message=$MESSAGE', {}, true],
  [
    'baggage',
    '',
    { method: 'POST', headers: { ...json, baggage: 'session.id=$ID' }, body: '{"message":"$MESSAGE"}' },
    true,
  ],
  [
    'trace-tags',
    '',
    {
      method: 'POST',
      headers: {
        ...json,
        'x-datadog-trace-id': '123',
        'x-datadog-parent-id': '0',
        'x-datadog-tags': '_dd.p.llmobs_sid=$ID',
      },
      body: '{"message":"$MESSAGE"}',
    },
    true,
  ],
  ['a JSON body and no session', '', { method: 'POST', headers: json, body: '{"message":"$MESSAGE"}' }, false],
  ['a form body and no session', '', { method: 'POST', body: new URLSearchParams('a=1&message=$MESSAGE') }, false],
  ['no session, as a GET', '?message=$MESSAGE', {}, false],
  [
    'a form whose session_id is none of RUM',
    '',
    { method: 'POST', body: new URLSearchParams('a=1&session_id=form&message=$MESSAGE') },
    false,
  ],
  [
    'a JSON body whose session_id is none of RUM',
    '',
    { method: 'POST', headers: json, body: '{"session_id":"thread-7","message":"$MESSAGE"}' },
    false,
  ],
]
/** Those whose message is in the body, or whose session tells them apart. */
const withBodyOrSession = requests.filter(([, , { method }, session]) => method === 'POST' || session)
/** For servers without a parser of forms. */
const withJson = requests.filter(([, , { body }]) => typeof body === 'string')
const THREAD = 'thread-7'
/** What the handlers of a conversation are asked. */
const inThread = requests.flatMap(([what, path, init, session]): Request[] =>
  init.method === 'POST' ? [[`${what}, in a thread`, `/threads/${THREAD}${path}`, init, session]] : [],
)

const echoInNode = `
  function answerQuestion(message) {
    return tracer.llmobs.trace({ kind: 'tool', name: 'echo' }, () => {
      tracer.llmobs.annotate({ inputData: String(message) })
      return String(message)
    })
  }`

const echoInPython = `
async def answer_question(message):
    with LLMObs.tool(name="echo") as span:
        LLMObs.annotate(span, input_data=message.decode())
        return message.decode()
`

const express = () => {
  const listen = 'app.listen('
  return snippet('js', 'rumSession(').replace(listen, `${snippet('js', 'thread_id')}\n${listen}`) + echoInNode
}
const fastApi = () => {
  const wrap = 'app = RumSessionASGI(app)'
  return snippet('python', wrap).replace(wrap, `${snippet('python', 'thread_id')}\n\n${wrap}`) + echoInPython
}
const inBackends = (text: string) => () => snippet('js', text, 'docs/backends.md') + echoInNode

describe.each([
  ['Node.js with Express', 'server.mjs', express, inNode, [...requests, ...inThread]],
  ['Node.js without a framework', 'server.mjs', inBackends('createServer('), inNode, withBodyOrSession],
  ['Node.js with Fastify', 'server.mjs', inBackends("from 'fastify'"), inNode, withJson],
  ['Node.js with Koa', 'server.mjs', inBackends("from 'koa'"), inNode, withJson],
  ['Node.js with Hono', 'server.mjs', inBackends("from 'hono'"), inNode, withJson],
  ['Python', 'server.py', fastApi, inPython, [...withBodyOrSession, ...inThread]],
] as const)('the backend in %s', (_name, file, code, commandIn, asked) => {
  let demo: Demo
  let folder: string
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    demo = await startDemo()
    folder = await mkdtemp(join(tmpdir(), 'readme-'))
    await writeFile(join(folder, file), code())
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const { command, args } = await commandIn(folder, String(port))
    server = spawn(command, args, {
      cwd: folder,
      stdio: 'inherit',
      env: {
        ...process.env,
        PORT: String(port),
        ...environment(),
        DD_TRACE_AGENT_URL: demo.url,
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
        DD_REMOTE_CONFIGURATION_ENABLED: 'false',
        DD_TRACE_STARTUP_LOGS: 'false',
      },
    })
    await vi.waitFor(() => fetch(url), { timeout: 30_000, interval: 100 })
  })

  afterAll(async () => {
    server?.kill()
    await demo?.close()
    await rm(folder, { recursive: true })
  })

  it.each(asked)(
    'the spans of a call with %s have its session, or none',
    async (_what, path, { headers, body, ...init }, hasSession) => {
      const id = randomUUID()
      const message = randomUUID()
      const filled = (text: unknown) => String(text).replace('$ID', id).replace('$MESSAGE', message)
      const response = await fetch(url + filled(path.startsWith('/') ? path : `/chat${path}`), {
        ...init,
        headers: Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, filled(value)]),
        ...(body && {
          body: typeof body === 'string' ? filled(body) : new URLSearchParams(filled(decodeURIComponent(String(body)))),
        }),
      })
      expect(response.status).toBe(200)
      const own = await vi.waitFor(
        () => {
          const echo = demo.intake.llmSpans.find(
            ({ name, session_id, meta }) =>
              name === 'echo' && (meta.input?.value?.includes(message) || session_id === id),
          )
          expect(echo).toBeDefined()
          return demo.intake.llmSpans.filter(({ trace_id }) => trace_id === echo?.trace_id)
        },
        { timeout: 20_000 },
      )
      expect(new Set(own.map(({ session_id }) => session_id))).toEqual(new Set([hasSession ? id : undefined]))
      const thread = path.startsWith('/threads/')
      expect(own.some(({ tags }) => tags.includes(`thread_id:${THREAD}`))).toBe(thread)
    },
  )
})

/** What the README exports for both servers alike; where spans go to is the test's own. */
function environment(): Record<string, string> {
  const [node, python] = ['node --import', 'ddtrace-run'].map(
    (command) => /^export (DD_LLMOBS_ENABLED=.*)$/m.exec(snippet('sh', command))?.[1],
  )
  expect(node).toBe(python)
  return Object.fromEntries(`${node}`.split(' ').map((pair) => pair.split('=')))
}

/** `node` as the README starts it, in a folder where the packages are installed. */
async function inNode(folder: string) {
  await mkdir(join(folder, 'node_modules/@hono'), { recursive: true })
  for (const name of ['dd-trace', 'express', 'fastify', 'koa', 'hono', '@hono/node-server']) {
    await symlink(join(process.cwd(), 'node_modules', name), join(folder, 'node_modules', name))
  }
  await symlink(process.cwd(), join(folder, 'node_modules', 'rum-llm-correlation'))
  const [, command = ''] = /^(node --import .*)$/m.exec(snippet('sh', 'node --import')) ?? []
  return { command: process.execPath, args: command.split(' ').slice(1) }
}

function inPython(_folder: string, port: string) {
  const [, app = ''] = /^ddtrace-run uvicorn (.*)$/m.exec(snippet('sh', 'ddtrace-run')) ?? []
  return pythonCommand('uvicorn', app, '--port', port, '--log-level', 'warning')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
