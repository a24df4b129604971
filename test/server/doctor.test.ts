import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandResult, runCli, statesOf } from '../support/command.js'

const ON = { DD_LLMOBS_ENABLED: '1', DD_LLMOBS_ML_APP: 'shop' }
const ALL = { body: 'ok', query: 'ok', baggage: 'ok', 'trace-tags': 'ok' }
const NONE = { body: 'failed', query: 'failed', baggage: 'failed', 'trace-tags': 'failed' }

let server: string
beforeAll(() => {
  server = mkdtempSync(join(tmpdir(), 'server-'))
  mkdirSync(join(server, 'node_modules'))
  for (const [name, folder] of [
    ['dd-trace', 'node_modules/dd-trace'],
    ['rum-llm-correlation', '.'],
  ] as const) {
    symlinkSync(resolve(folder), join(server, 'node_modules', name))
  }
})
afterAll(() => rmSync(server, { recursive: true }))

const doctor = (env: Record<string, string>, ...args: string[]) =>
  runCli(['doctor', '--json', ...args], { cwd: server, env })
const carriersOf = (result: CommandResult) => statesOf(result, 'carriers')

describe("doctor, in a server's folder with dd-trace", () => {
  it('finds all carriers well', async () => {
    const result = await doctor(ON)
    expect(carriersOf(result)).toEqual(ALL)
    expect(result.status).toBe(0)
  })

  it.each([['rum_session'], ['metadata.session_id']])('takes the field %s', async (field) => {
    expect(carriersOf(await doctor(ON, '--field', field))).toEqual(ALL)
    expect(carriersOf(await doctor({ ...ON, RUM_LLM_FIELD: field }))).toEqual(ALL)
  })

  it('needs no more than another setting of LLM Observability, as the tracer does', async () => {
    const result = await doctor({ DD_LLMOBS_ML_APP: 'shop' })
    expect(carriersOf(result)).toEqual(ALL)
    expect(statesOf(result, 'settings').DD_LLMOBS_ENABLED).toBe('note')
  })

  it('sends nothing to an agent, nor to Datadog, that the environment names', async () => {
    // Nothing listens there: what was sent there would be missing.
    const agent = { DD_TRACE_AGENT_URL: 'http://127.0.0.1:1', DD_AGENT_HOST: '127.0.0.1', DD_TRACE_AGENT_PORT: '1' }
    expect(carriersOf(await doctor({ ...ON, ...agent, DD_API_KEY: 'k', DD_LLMOBS_AGENTLESS_ENABLED: '1' }))).toEqual(
      ALL,
    )
  })

  it.each([
    [{ DD_LLMOBS_ENABLED: '0' }, NONE, 'DD_LLMOBS_ENABLED'],
    [{ ...ON, DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: 'ignore' }, NONE, 'DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT'],
    [{ ...ON, DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: 'restart' }, NONE, 'DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT'],
    [{ ...ON, DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'tracecontext' }, NONE, 'DD_TRACE_PROPAGATION_STYLE_EXTRACT'],
    [{ ...ON, DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH: '0' }, NONE, 'DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH'],
    [{ ...ON, DD_TRACE_ENABLED: 'false' }, NONE, 'DD_TRACE_ENABLED'],
  ])('%j: says that it keeps sessions away, and proves it', async (env, expected, setting) => {
    const result = await doctor(env)
    expect(statesOf(result, 'settings')[setting]).toBe('failed')
    expect(carriersOf(result)).toEqual(expected)
    expect(result.status).toBe(1)
  })

  it('says how to start the server, for it cannot see that, and where to look next', async () => {
    const { stdout } = await runCli(['doctor'], { cwd: server, env: ON })
    expect(stdout).toContain('node --import rum-llm-correlation/register --import dd-trace/initialize.mjs')
    expect(stdout).toContain('npx rum-llm-correlation check')
  })

  it('sends nobody to an update if a setting is the cause', async () => {
    const { stdout } = await runCli(['doctor'], {
      cwd: server,
      env: { ...ON, DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'tracecontext' },
    })
    expect(stdout).not.toContain('@latest')
    expect(stdout.match(/→ Mend what is marked above, and run it again\./g)).toHaveLength(4)
  })

  it('says what RUM_LLM_BODY=0 does', async () => {
    const result = await doctor({ ...ON, RUM_LLM_BODY: '0' })
    expect(carriersOf(result)).toEqual({ ...ALL, body: 'failed' })
  })

  it('takes a path whose bodies are looked at', async () => {
    expect(carriersOf(await doctor({ ...ON, RUM_LLM_BODY: '/chat,/agents' }))).toEqual(ALL)
  })

  it('says in words what to do in each line that is not well', async () => {
    const { stdout, status } = await runCli(['doctor'], { cwd: server, env: { DD_LLMOBS_ENABLED: '0' } })
    const lines = stdout.split('\n')
    const isMarked = (line = '') => /^ {2}[!✗] /.test(line)
    expect(lines.some(isMarked)).toBe(true)
    expect(lines.filter((line, index) => isMarked(line) && !/^ +→ /.test(lines[index + 1] ?? ''))).toEqual([])
    expect(status).toBe(1)
  })
})

describe('doctor, elsewhere', () => {
  let empty: string
  beforeAll(() => {
    empty = mkdtempSync(join(tmpdir(), 'empty-'))
    writeFileSync(join(empty, 'package.json'), '{"name":"app"}')
  })
  afterAll(() => rmSync(empty, { recursive: true }))

  it('says what is missing', async () => {
    const result = await runCli(['doctor', '--json'], { cwd: empty, env: ON })
    expect(statesOf(result, 'packages')).toEqual({ 'dd-trace': 'failed', 'rum-llm-correlation': 'failed' })
    expect(carriersOf(result)).toEqual(NONE)
    expect(result.status).toBe(1)
  })

  it('says why the server did not start', async () => {
    mkdirSync(join(empty, 'node_modules/dd-trace'), { recursive: true })
    writeFileSync(
      join(empty, 'node_modules/dd-trace/package.json'),
      '{"name":"dd-trace","version":"5.132.0","exports":{"./initialize.mjs":"./initialize.mjs"}}',
    )
    writeFileSync(join(empty, 'node_modules/dd-trace/initialize.mjs'), 'throw new RangeError("broken")')
    const { stdout, status } = await runCli(['doctor'], { cwd: empty, env: ON })
    expect(stdout).toContain('the server did not start: RangeError: broken')
    expect(status).toBe(1)
  })
})
