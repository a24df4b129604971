import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'

const main = new URL('../../demo/main.mjs', import.meta.url).pathname
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})

/** Runs the demo's command; `output` resolves to all that it printed, once it has ended. */
function runDemo(args: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, PORT: '0', ...env } })
  running.add(child)
  let text = ''
  child.stdout.on('data', (data) => (text += data))
  child.stderr.on('data', (data) => (text += data))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const printed = async (pattern: RegExp) => {
    for (let waited = 0; waited < 20_000; waited += 50) {
      const match = text.match(pattern)
      if (match) return match
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`${pattern} was not printed:\n${text}`)
  }
  return { child, ended, printed, output: async () => ({ exitCode: await ended, text }) }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'it prints the URL to open, and %s stops it with its agent',
  async (signal) => {
    const demo = runDemo()
    const [, url] = await demo.printed(/Chat page \(script tags\)\s+(http:\S+)/)
    const [, agentUrl] = await demo.printed(/Agent \(node\)\s+(http:\S+)/)
    expect((await fetch(String(url))).status).toBe(200)
    expect((await fetch(String(agentUrl))).status).toBe(404)

    demo.child.kill(signal)
    expect(await demo.ended).toBe(0)
    await expect(fetch(String(url))).rejects.toThrow()
    await expect(fetch(String(agentUrl))).rejects.toThrow()
  },
)

test('its agent stops too when it is killed', async () => {
  const demo = runDemo()
  const [, agentUrl] = await demo.printed(/Agent \(node\)\s+(http:\S+)/)
  demo.child.kill('SIGKILL')
  await demo.ended
  await expect.poll(() => fetch(String(agentUrl)).then(String, () => 'gone')).toBe('gone')
})

test('it says how it is used', async () => {
  const { exitCode, text } = await runDemo(['--help']).output()
  expect(exitCode).toBe(0)
  for (const word of ['--backend python', 'PORT', 'OPENAI_API_KEY', 'DD_API_KEY']) expect(text).toContain(word)
})

test.each([
  ['--backend python', ['ruby'], 'true'],
  ['--backend=python', [], 'ruby'],
])('an option as in "npm run demo %s", which npm takes for its own, counts', async (_how, args, taken) => {
  const { exitCode, text } = await runDemo(args, { npm_config_backend: taken }).output()
  expect(exitCode).toBe(1)
  expect(text).toContain('There is no backend "ruby". There are: node, python.')
})

test('when its agent is killed it goes on and says what to do, and the agent starts again at its URL', async () => {
  const demo = runDemo()
  const [, url] = await demo.printed(/Chat page \(script tags\)\s+(http:\S+)\//)
  const [, agentUrl] = await demo.printed(/Agent \(node\)\s+(http:\S+)/)
  const restart = (site: string) =>
    fetch(`${url}/agent/restart`, { method: 'POST', headers: { 'sec-fetch-site': site } }).then(({ status }) => status)

  const [agent] = await childrenOf(demo.child)
  process.kill(Number(agent), 'SIGKILL')
  await demo.printed(/The agent stopped \(SIGKILL\)\. The page offers to start it again\./)
  await expect(fetch(String(agentUrl))).rejects.toThrow()

  expect(await restart('cross-site')).toBe(403)
  expect(await restart('same-origin')).toBe(204)
  await demo.printed(/The agent runs again\./)
  expect((await fetch(String(agentUrl))).status).toBe(404)
})

/** The processes that `child` has started: their ids. */
async function childrenOf({ pid }: ChildProcess): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'ppid=,pid=,args='])
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/))
  return rows
    .filter(([parent, , ...args]) => parent === String(pid) && args.join(' ').includes('server.mjs'))
    .map(([, id]) => String(id))
}

test('a taken port gets one line that says what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  expect(await runDemo([], { PORT: String(port) }).output()).toEqual({
    exitCode: 1,
    text: `Port ${port} is taken. Choose another one, for example: PORT=${port + 1} npm run demo\n`,
  })
  server.close()
})

test.each([
  ['a port that is none', [], { PORT: 'http' }, 'PORT=http is no port.\n'],
  ['an unknown backend', ['--backend', 'ruby'], {}, 'There is no backend "ruby". There are: node, python.\n'],
  [
    'a word that means nothing',
    ['python'],
    {},
    '"python" means nothing here. "npm run demo -- --help" says what there is.',
  ],
  ['an unknown option', ['--frontend'], {}, "Unknown option '--frontend'"],
  [
    'a missing python3',
    ['--backend', 'python'],
    { PATH: '/nowhere' },
    'The Python backend needs python3, version 3.9 or ',
  ],
])('%s gets a clear message', async (_what, args, env, message) => {
  const { exitCode, text } = await runDemo(args, env as Record<string, string>).output()
  expect(exitCode).toBe(1)
  expect(text).toContain(message)
})
