import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Demo, startDemo } from '../../demo/startDemo.mjs'
import { useStage } from '../support/stage.js'

const readme = await readFile('README.md', 'utf8')

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

describe('the Node.js backend', () => {
  let demo: Demo
  let folder: string
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    demo = await startDemo()
    folder = await mkdtemp(join(tmpdir(), 'readme-'))
    await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
    const answer = `
      function answerQuestion(message) {
        return tracer.llmobs.trace({ kind: 'tool', name: 'echo' }, () => message)
      }`
    await writeFile(join(folder, 'server.mjs'), snippet('js', "from 'dd-trace'") + answer)
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    server = spawn(process.execPath, ['--import', 'dd-trace/initialize.mjs', 'server.mjs'], {
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
    await vi.waitFor(() => fetch(url, { method: 'POST', body: '{"message":"ready"}' }), {
      timeout: 30_000,
      interval: 100,
    })
  })

  afterAll(async () => {
    server?.kill()
    await demo?.close()
    await rm(folder, { recursive: true })
  })

  it.each<[string, string, RequestInit]>([
    ['body', '/', { body: '{"session_id":"$","message":"by body"}' }],
    ['query', '/?session_id=$', { body: '{"message":"by query"}' }],
    ['baggage', '/', { body: '{"message":"by baggage"}', headers: { baggage: 'session.id=$' } }],
    [
      'trace-tags',
      '/',
      {
        body: '{"message":"by trace-tags"}',
        headers: { 'x-datadog-trace-id': '123', 'x-datadog-parent-id': '0', 'x-datadog-tags': '_dd.p.llmobs_sid=$' },
      },
    ],
  ])('takes the session from the carrier %s', async (carrier, path, init) => {
    const id = `session-${carrier}`
    const filled = JSON.parse(JSON.stringify(init).replace('$', id))
    const response = await fetch(url + path.replace('$', id), { method: 'POST', ...filled })
    expect(await response.text()).toBe(`by ${carrier}`)
    const spans = await vi.waitFor(
      () => {
        const own = demo.intake.llmSpans.filter(({ session_id }) => session_id === id)
        expect(own).toHaveLength(2)
        return own
      },
      { timeout: 20_000 },
    )
    expect(spans.map(({ name }) => name).sort()).toEqual(['echo', 'support_agent'])
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
