import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pythonCommand } from '../../demo/agentProcess.mjs'
import { type Demo, startDemo } from '../../demo/startDemo.mjs'
import { useStage } from '../support/stage.js'

const readme = await readFile('README.md', 'utf8')

const json = { 'content-type': 'application/json' }

/** The code block of the README that has `text` in it. */
function snippet(language: string, text: string): string {
  const blocks = [...readme.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(
    ([, name, code]) => name === language && code?.includes(text),
  )
  expect(blocks).toHaveLength(1)
  return blocks[0]?.[2] as string
}

describe('in the page', () => {
  const stage = useStage()
  const withProxy = (code: string) =>
    code.replace("clientToken: '<CLIENT_TOKEN>',", "clientToken: '<CLIENT_TOKEN>', proxy: '/rum-intake',")

  it.each([
    [
      'npm',
      () => ({
        rum: false as const,
        plugin: false as const,
        module: `${withProxy(snippet('js', "from 'rum-llm-correlation'"))};window.DD_RUM = datadogRum`,
      }),
    ],
    [
      'script-tag',
      () => ({
        callInit: false as const,
        after: withProxy(/<script>([\s\S]*)<\/script>/.exec(snippet('html', 'DD_RUM.init'))?.[1] as string),
      }),
    ],
  ])('the %s snippet correlates a call', async (name, definition) => {
    const page = await stage.open(definition())
    const id = await page.sessionId()
    const path = `/api/chat/${name}`
    await page.evaluate(
      (url: string) =>
        fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"message":"hi"}' }).then(
          (response) => response.text(),
        ),
      path,
    )
    expect((await stage.site.only(path)).text).toBe(`{"session_id":"${id}","message":"hi"}`)
    expect(page.errors).toEqual([])
    await page.close()
  })

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
const requests: Array<[what: string, path: string, init: RequestInit, session: boolean]> = [
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
]

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

describe.each([
  ['Node.js with Express', 'server.mjs', () => snippet('js', 'rumSession(') + echoInNode, inNode],
  ['Node.js without a framework', 'server.mjs', () => snippet('js', 'rumSessionOf(') + echoInNode, inNode],
  ['Python', 'server.py', () => snippet('python', 'RumSessionASGI(app)') + echoInPython, inPython],
] as const)('the backend in %s', (_name, file, code, commandIn) => {
  let demo: Demo
  let folder: string
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    demo = await startDemo()
    folder = await mkdtemp(join(tmpdir(), 'readme-'))
    await writeFile(join(folder, file), code())
    const port = await freePort()
    url = `http://127.0.0.1:${port}/chat`
    const { command, args } = await commandIn(folder, String(port))
    server = spawn(command, args, {
      cwd: folder,
      stdio: 'inherit',
      env: {
        ...process.env,
        PORT: String(port),
        DD_LLMOBS_ENABLED: '1',
        DD_LLMOBS_ML_APP: 'readme',
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

  it.each(requests)(
    'the spans of a call with %s have its session, or none',
    async (_what, path, { headers, body, ...init }, hasSession) => {
      const id = randomUUID()
      const message = randomUUID()
      const filled = (text: unknown) => String(text).replace('$ID', id).replace('$MESSAGE', message)
      const response = await fetch(url + filled(path), {
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
    },
  )
})

/** `node` as the README starts it, in a folder where the packages are installed. */
async function inNode(folder: string) {
  await mkdir(join(folder, 'node_modules'))
  for (const name of ['dd-trace', 'express']) {
    await symlink(join(process.cwd(), 'node_modules', name), join(folder, 'node_modules', name))
  }
  await symlink(process.cwd(), join(folder, 'node_modules', 'rum-llm-correlation'))
  const [, command = ''] = /^(node --import .*)$/m.exec(snippet('sh', 'node --import')) ?? []
  return { command: process.execPath, args: command.split(' ').slice(1) }
}

function inPython(_folder: string, port: string) {
  return pythonCommand('uvicorn', 'server:app', '--port', port, '--log-level', 'warning')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
