// @vitest-environment node
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HandOver } from '../../../src/server/handOver.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const HEADERS = { 'x-datadog-trace-id': '5', 'x-datadog-parent-id': '0', 'x-datadog-tags': `_dd.p.llmobs_sid=${ID}` }
const SAID = Symbol.for('rum-llm-correlation.server.notices')
const OTEL = Symbol.for('opentelemetry.js.api.1')
const { cache } = createRequire(import.meta.url)
const VERSION_FILE = '/app/node_modules/dd-trace/version.js'

let notices: typeof import('../../../src/server/notice.js')
let lines: string[] = []
beforeEach(async () => {
  vi.resetModules()
  notices = await import('../../../src/server/notice.js')
  lines = []
  vi.spyOn(console, 'warn').mockImplementation((line) => lines.push(String(line)))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  Reflect.deleteProperty(globalThis, SAID)
  Reflect.deleteProperty(globalThis, OTEL)
  delete cache[VERSION_FILE]
})

const takesAll = () => ({ _trace: { tags: { '_dd.p.llmobs_sid': '00000000-0000-0000-0000-000000000000' } } })
const startTracer = (extract: () => unknown = takesAll) => vi.stubGlobal('_ddtrace', { _initialized: true, extract })
const loadVersion = (version: string) => {
  cache[VERSION_FILE] = { exports: { VERSION: version, DD_MAJOR: Number.parseInt(version, 10) } } as NodeJS.Module
}
const lose = (outcome: HandOver['outcome'] = 'handed over', headers: Record<string, unknown> = HEADERS) =>
  notices.noticeLostSession(headers, { outcome, changes: {}, traceId: undefined })

describe('a session that reaches no span', () => {
  it.each<[string, () => void, RegExp]>([
    ['no tracer is loaded', () => lose(), /dd-trace is not loaded.*--import dd-trace\/initialize\.mjs/],
    [
      'the tracer is off',
      () => {
        vi.stubGlobal('_ddtrace', {})
        lose()
      },
      /loaded but off.*tracer\.init\(\)/,
    ],
    [
      'dd-trace 6 has not started on Node.js 20',
      () => {
        vi.stubGlobal('process', Object.create(process, { versions: { value: { node: '20.19.0' } } }))
        loadVersion('6.21.0')
        lose()
      },
      /dd-trace 6\.21\.0 does not start on this Node\.js/,
    ],
    ...['4.99.0', '5.113.9', '6.2.0'].map((version): [string, () => void, RegExp] => [
      `the tracer is too old: ${version}`,
      () => {
        startTracer()
        loadVersion(version)
        lose()
      },
      new RegExp(`dd-trace ${version} is too old.*5\\.114`),
    ]),
    [
      'the tracer ignores what is written',
      () => {
        startTracer(() => null)
        lose()
      },
      /settings.*DD_TRACE_PROPAGATION_STYLE_EXTRACT/,
    ],
    [
      'the tags have no room',
      () => {
        startTracer()
        lose('no room', {})
      },
      /no room/,
    ],
    [
      'a trace of B3 goes on',
      () => {
        startTracer()
        lose('another trace', {})
      },
      /B3/,
    ],
  ])('is told of once if %s', (_name, lose, expected) => {
    lose()
    lose()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(expected)
    expect(lines[0]).toMatch(/^rum-llm-correlation: [A-Zd].*\.$/)
  })

  it('is told of once by all copies of the package', async () => {
    lose()
    vi.resetModules()
    notices = await import('../../../src/server/notice.js')
    lose()
    expect(lines).toHaveLength(1)
  })
})

describe('nothing is said', () => {
  it.each(['5.114.0', '5.132.0', '6.3.0', '7.0.0', undefined])(
    'of the version %s that takes the session',
    (version) => {
      startTracer()
      if (version) {
        loadVersion(version)
      }
      lose()
      lose('another session')
      lose('handed over', {})
      expect(lines).toEqual([])
    },
  )

  it('if OpenTelemetry traces in place of dd-trace', () => {
    Object.defineProperty(globalThis, OTEL, { value: { trace: {} }, configurable: true })
    lose()
    expect(lines).toEqual([])
  })

  it('if there is no console', () => {
    vi.stubGlobal('console', undefined)
    expect(() => lose()).not.toThrow()
  })
})

describe('an old Node.js', () => {
  it.each<[unknown, string[]]>([
    [
      { versions: { node: '20.10.0' } },
      [
        'rum-llm-correlation: Node.js 20.10.0 is too old, so register does nothing. Update to Node.js 20.16, 22.3 or newer.',
      ],
    ],
    [{ versions: { node: '20.16.0' }, getBuiltinModule() {} }, []],
    [{ env: {} }, []],
    [undefined, []],
  ])('of the process %j is told of: %j', (process, expected) => {
    vi.stubGlobal('process', process)
    notices.noticeOldNode()
    notices.noticeOldNode()
    expect(lines).toEqual(expected)
  })
})
