// @vitest-environment node
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { childEnvironment } from '../../../src/cli/doctor/childEnvironment.js'
import { findCopies, findPackage } from '../../../src/cli/doctor/packages.js'
import { inspectSettings } from '../../../src/cli/doctor/settings.js'
import { inspectVersions, takesSessions } from '../../../src/cli/doctor/versions.js'
import { asText, failed, note, ok } from '../../../src/cli/report.js'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true })
  }
})

/** A folder with these package.json files. */
function folderWith(manifests: Record<string, object>): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  folders.push(folder)
  for (const [path, manifest] of Object.entries(manifests)) {
    const file = join(folder, path, 'package.json')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(manifest))
  }
  return folder
}

const tracer = (version: string, node = '>=18') => ({ name: 'dd-trace', version, engines: { node }, nodeMaxMajor: 27 })
const own = { name: 'rum-llm-correlation', version: '1.1.0' }
const installed = (version: string, node?: string) =>
  folderWith({ 'node_modules/dd-trace': tracer(version, node), 'node_modules/rum-llm-correlation': own })

describe('versions', () => {
  it.each([
    ['5.113.9', false],
    ['5.114.0', true],
    ['5.132.0', true],
    ['6.2.0', false],
    ['6.3.0', true],
    ['7.0.0', true],
    ['4.99.0', false],
  ])('dd-trace %s takes sessions: %s', (version, expected) => expect(takesSessions(version)).toBe(expected))

  it.each([
    ['5.132.0', undefined, '20.20.2', 'ok', '5.132.0, on Node 20.20.2'],
    ['5.113.0', undefined, '20.20.2', 'failed', '5.114'],
    ['6.21.0', '>=22', '20.20.2', 'failed', 'needs Node 22'],
    ['6.21.0', '>=22', '22.1.0', 'ok', '6.21.0'],
    ['6.2.0', '>=22', '22.1.0', 'failed', '6.3'],
    ['6.21.0', '>=22', '27.0.0', 'failed', 'does not know Node 27'],
  ])('dd-trace %s, which wants Node %s, on Node %s: %s', (version, range, node, state, message) => {
    const [first] = inspectVersions(installed(version, range), node)
    expect(first).toMatchObject({ state, subject: 'dd-trace', message: expect.stringContaining(message) })
  })

  it('names what is missing, and how to install it', () => {
    const findings = inspectVersions(folderWith({ '.': { name: 'app' } }), '20.0.0')
    expect(findings.map(({ state, todo }) => [state, todo])).toEqual([
      ['failed', "Go to the server's folder, or: npm install dd-trace@5"],
      ['failed', "Go to the server's folder, or: npm install rum-llm-correlation"],
    ])
  })

  it.each([
    ['in a package', { 'node_modules/a/node_modules/dd-trace': tracer('5.100.0') }],
    ['in a package with a scope', { 'node_modules/@a/b/node_modules/dd-trace': tracer('5.100.0') }],
    ['where pnpm keeps it', { 'node_modules/.pnpm/dd-trace@5.100.0/node_modules/dd-trace': tracer('5.100.0') }],
  ])('sees a second copy %s', (_, more) => {
    const folder = folderWith({ 'node_modules/dd-trace': tracer('5.132.0'), ...more })
    expect(findCopies('dd-trace', folder).map(({ version }) => version)).toEqual(['5.132.0', '5.100.0'])
    const [, , copies] = inspectVersions(folder, '20.0.0')
    expect(copies).toMatchObject({ state: 'failed', message: expect.stringContaining('2 copies') })
  })

  it('sees a second copy in a folder above, and finds packages there', () => {
    const folder = folderWith({
      'node_modules/dd-trace': tracer('5.120.0'),
      'app/node_modules/dd-trace': tracer('5.132.0'),
    })
    expect(findPackage('dd-trace', join(folder, 'app'))?.version).toBe('5.132.0')
    expect(findPackage('dd-trace', join(folder, 'other'))?.version).toBe('5.120.0')
    expect(findCopies('dd-trace', join(folder, 'app'))).toHaveLength(2)
  })
})

describe('settings', () => {
  const good = { DD_LLMOBS_ENABLED: '1', DD_LLMOBS_ML_APP: 'shop' }
  const STYLE = 'DD_TRACE_PROPAGATION_STYLE_EXTRACT'
  const BEHAVIOR = 'DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT'

  it('are well by default', () => {
    expect(inspectSettings(good).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })

  it.each([
    [{ DD_LLMOBS_ENABLED: 'true' }, 'DD_LLMOBS_ENABLED', 'ok'],
    [{ DD_LLMOBS_ENABLED: '0' }, 'DD_LLMOBS_ENABLED', 'failed'],
    [{ DD_LLMOBS_ENABLED: 'yes' }, 'DD_LLMOBS_ENABLED', 'failed'],
    [{ DD_LLMOBS_ENABLED: undefined }, 'DD_LLMOBS_ENABLED', 'note'],
    [{ DD_LLMOBS_ENABLED: undefined, DD_LLMOBS_ML_APP: undefined }, 'DD_LLMOBS_ENABLED', 'failed'],
    [{ DD_LLMOBS_ML_APP: undefined }, 'DD_LLMOBS_ML_APP', 'note'],
    [{ [STYLE]: 'datadog,tracecontext,baggage' }, STYLE, 'ok'],
    [{ [STYLE]: 'tracecontext,baggage' }, STYLE, 'failed'],
    [{ [STYLE]: 'none' }, STYLE, 'failed'],
    [{ [STYLE]: 'Datadog' }, STYLE, 'note'],
    [{ [STYLE]: 'tracecontext, datadog' }, STYLE, 'note'],
    [{ DD_TRACE_PROPAGATION_STYLE: 'b3' }, 'DD_TRACE_PROPAGATION_STYLE', 'failed'],
    [{ OTEL_PROPAGATORS: 'tracecontext' }, 'OTEL_PROPAGATORS', 'failed'],
    [{ [BEHAVIOR]: 'restart' }, BEHAVIOR, 'failed'],
    [{ [BEHAVIOR]: 'ignore' }, BEHAVIOR, 'failed'],
    [{ [BEHAVIOR]: 'continue' }, BEHAVIOR, 'ok'],
    [{ DD_TRACE_ENABLED: 'false' }, 'DD_TRACE_ENABLED', 'failed'],
    [{ DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH: '0' }, 'DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH', 'failed'],
    [{ RUM_LLM_BODY: '0' }, 'RUM_LLM_BODY', 'note'],
    [{ DD_LLMOBS_AGENTLESS_ENABLED: '1' }, 'DD_API_KEY', 'note'],
  ])('%j: %s is %s', (env, name, state) => {
    const finding = inspectSettings({ ...good, ...env }).find(({ subject }) => subject === name)
    expect(finding?.state).toBe(state)
    expect(Boolean(finding?.todo)).toBe(state !== 'ok')
  })

  it.each([[{ DD_LLMOBS_AGENTLESS_ENABLED: '1', DD_API_KEY: 'key' }], [{ DD_LLMOBS_AGENTLESS_ENABLED: '0' }]])(
    '%j: asks for no key',
    (env) => {
      expect(inspectSettings(env).map(({ subject }) => subject)).not.toContain('DD_API_KEY')
    },
  )
})

it('gives the server of the proof the settings that matter, and nothing that leads out of the machine', () => {
  const env = childEnvironment(
    {
      PATH: '/bin',
      NODE_OPTIONS: '--import x',
      DD_API_KEY: 'secret',
      DD_SITE: 'datadoghq.eu',
      DD_AGENT_HOST: 'agent',
      DD_TRACE_AGENT_URL: 'http://agent:8126',
      DD_TRACE_AGENT_PORT: '8126',
      DD_LLMOBS_AGENTLESS_ENABLED: '1',
      DD_LLMOBS_ML_APP: 'shop',
      DD_TRACE_SAMPLE_RATE: '0',
      DD_PROFILING_ENABLED: '1',
      DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'datadog',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector',
      OTEL_PROPAGATORS: 'b3',
    },
    'http://127.0.0.1:1',
  )
  expect(env).toMatchObject({
    PATH: '/bin',
    DD_TRACE_AGENT_URL: 'http://127.0.0.1:1',
    DD_LLMOBS_ENABLED: '1',
    DD_LLMOBS_ML_APP: 'shop',
    DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'datadog',
    OTEL_PROPAGATORS: 'b3',
  })
  expect(JSON.stringify(env)).not.toMatch(
    /secret|8126|collector|datadoghq|agent"|NODE_OPTIONS|AGENTLESS|PROFILING|SAMPLE/,
  )
})

describe('a report', () => {
  const findings = [ok('body', 'gets through'), note('trace-tags', 'maybe', 'look'), failed('query', 'lost', 'mend')]
  const report = { ok: false, title: 'T', facts: {}, closing: 'C' }
  const sections = [
    { name: 'a', title: 'A', findings },
    { name: 'b', title: 'B', findings: [] },
  ]

  it('is aligned, says what to do, and leaves out what is empty', () => {
    expect(asText({ ...report, sections }, false)).toBe(`T

A
  ✓ body        gets through
  ! trace-tags  maybe
                → look
  ✗ query       lost
                → mend

C
`)
  })

  it('has coloured marks on a terminal', () => {
    expect(asText({ ...report, sections }, true)).toContain('\x1b[32m✓\x1b[39m body        gets through')
  })
})
