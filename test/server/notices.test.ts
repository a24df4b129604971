import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Datadog } from '../support/tracedServer.js'

const folder = mkdtempSync(join(tmpdir(), 'notices-'))
let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => {
  datadog.close()
  rmSync(folder, { recursive: true })
})

const REGISTER = ['--import', 'rum-llm-correlation/register']
const TRACER = ['--import', 'dd-trace/initialize.mjs']
const IN_CODE = 'test/server/apps/inCode.cjs'
const NODE_APP = 'test/server/apps/node.mjs'

/** All that a server says on its console while it gets three requests of each kind. */
async function saidBy(args: string[], env: Record<string, string>, headers: Array<Record<string, string>>) {
  const file = join(folder, randomUUID())
  const imports = ['--import', './test/server/apps/writeWarnings.mjs']
  const server = await datadog.startServer([...imports, ...args], { ...env, WARNINGS_FILE: file })
  for (const other of [...headers, ...headers, ...headers]) {
    await server.call('/answer', { headers: { baggage: `session.id=${randomUUID()}`, ...other } })
  }
  await server.close()
  return readFileSync(file, 'utf8').split('\n').slice(0, -1)
}

const IDS = { 'x-datadog-trace-id': '1234567890123456789', 'x-datadog-parent-id': '987654321' }
const PARENT = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

describe('the console of a server says once', () => {
  it.each<[string, string[], Record<string, string>, Record<string, string>, RegExp]>([
    ['that there is no tracer', [...REGISTER, NODE_APP], {}, {}, /dd-trace is (not loaded|loaded but off)/],
    ['that the tracer is off', [...REGISTER, ...TRACER, NODE_APP], { DD_TRACE_ENABLED: 'false' }, {}, /loaded but off/],
    [
      'that the tracer ignores x-datadog-tags',
      [...REGISTER, ...TRACER, NODE_APP],
      { DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'tracecontext,baggage' },
      {},
      /DD_TRACE_PROPAGATION_STYLE_EXTRACT/,
    ],
    [
      'that the tracer ignores traceparent, as it is told to in code',
      [IN_CODE],
      { ORDER: 'register first', TRACER_OPTIONS: '{"tracePropagationStyle":{"extract":["datadog"]}}' },
      PARENT,
      /DD_TRACE_PROPAGATION_STYLE_EXTRACT/,
    ],
    [
      'that the tracer restarts traces',
      [...REGISTER, ...TRACER, NODE_APP],
      { DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: 'restart' },
      IDS,
      /DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT/,
    ],
    [
      'that the tracer ignores traces',
      [...REGISTER, ...TRACER, NODE_APP],
      { DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: 'ignore' },
      {},
      /DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT/,
    ],
    [
      'that the tracer takes no tags',
      [...REGISTER, ...TRACER, NODE_APP],
      { DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH: '0' },
      IDS,
      /DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH/,
    ],
    [
      'that tags have no room',
      [...REGISTER, ...TRACER, NODE_APP],
      {},
      { ...IDS, 'x-datadog-tags': `_dd.p.a=${'x'.repeat(490)}` },
      /no room/,
    ],
  ])('%s', async (_name, args, env, headers, expected) => {
    expect(await saidBy(args, env, [headers])).toEqual([expect.stringMatching(expected)])
  })
})

it('the console of a server says nothing if all is well', async () => {
  const kinds = [{}, IDS, PARENT, { ...IDS, ...PARENT }]
  expect(await saidBy([...REGISTER, ...TRACER, NODE_APP], {}, kinds)).toEqual([])
  expect(await saidBy([IN_CODE], { ORDER: 'register first' }, kinds)).toEqual([])
})

it('the console of a server says nothing of requests without a session', async () => {
  expect(await saidBy([...REGISTER, NODE_APP], {}, [{ baggage: 'a=1' }])).toEqual([])
})
