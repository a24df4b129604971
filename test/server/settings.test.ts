import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Datadog, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

const START = ['--import', 'rum-llm-correlation/register', '--import', 'dd-trace/initialize.mjs']
const IDS = { 'x-datadog-trace-id': '1234567890123456789', 'x-datadog-parent-id': '987654321' }
const PARENT = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

// What docs/backends.md says that the tracer's settings take away.
describe.each([
  [
    'DD_TRACE_PROPAGATION_STYLE_EXTRACT',
    'tracecontext,baggage',
    { none: false, ids: false, parent: true, both: false },
  ],
  ['DD_TRACE_PROPAGATION_STYLE_EXTRACT', 'datadog', { none: true, ids: true, parent: false, both: true }],
  ['DD_TRACE_PROPAGATION_STYLE_EXTRACT', 'tracecontext,datadog', { none: true, ids: true, parent: true, both: false }],
  ['DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT', 'restart', { none: false, ids: false, parent: false, both: false }],
  ['DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT', 'ignore', { none: false, ids: false, parent: false, both: false }],
  ['DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH', '0', { none: false, ids: false, parent: true, both: false }],
])('with %s=%s', (name, value, expected) => {
  it(`arrives: ${JSON.stringify(expected)}`, async () => {
    const server = await datadog.startServer([...START, 'test/server/apps/node.mjs'], { [name]: value })
    const arrives: Record<string, unknown> = {}
    for (const [trace, headers] of Object.entries({
      none: {},
      ids: IDS,
      parent: PARENT,
      both: { ...IDS, ...PARENT },
    })) {
      const sessionId = randomUUID()
      const { message } = await server.call('/answer', { headers: { ...headers, baggage: `session.id=${sessionId}` } })
      arrives[trace] = sessionsOf(await datadog.llmSpans(message, 3)).every((session) => session === sessionId)
    }
    expect(arrives).toEqual(expected)
    await server.close()
  })
})
it.each(['0', '-1'])('is on the spans of a trace that is not sampled: priority %s', async (priority) => {
  const server = await datadog.startServer([...START, 'test/server/apps/node.mjs'])
  const sessionId = randomUUID()
  const headers = { ...IDS, 'x-datadog-sampling-priority': priority, baggage: `session.id=${sessionId}` }
  const { message } = await server.call('/answer', { headers })
  expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
  await server.close()
})

const B3_TRACE = '0af7651916cd43dd8448eb211c80319c'
const B3: Record<string, Record<string, string>> = {
  b3: { b3: `${B3_TRACE}-b7ad6b7169203331-1` },
  b3multi: { 'x-b3-traceid': B3_TRACE, 'x-b3-spanid': 'b7ad6b7169203331', 'x-b3-sampled': '1' },
}

describe.each([
  ['in the environment', (styles: string[]) => ({ DD_TRACE_PROPAGATION_STYLE_EXTRACT: styles.join() })],
  [
    'in code, for both directions',
    (styles: string[]) => ({ TRACER_OPTIONS: JSON.stringify({ tracePropagationStyle: styles }) }),
  ],
  [
    'in code, for requests',
    (styles: string[]) => ({ TRACER_OPTIONS: JSON.stringify({ tracePropagationStyle: { extract: styles } }) }),
  ],
])('a trace of B3, which the tracer is told to take %s', (_name, envOf) => {
  it.each([
    ['b3multi', ['datadog', 'b3multi']],
    ['b3', ['datadog', 'tracecontext', 'b3 single header']],
  ])('goes on: %s', async (form, styles) => {
    const server = await datadog.startServer(['test/server/apps/inCode.cjs'], {
      ORDER: 'register first',
      ...envOf(styles),
    })
    const headers = { ...B3[form], baggage: `session.id=${randomUUID()}` }
    const { message } = await server.call('/', { headers })
    const spans = await datadog.llmSpans(message, 3)
    expect(spans.map((span) => span._dd.apm_trace_id.slice(-16))).toEqual(Array(3).fill(B3_TRACE.slice(-16)))
    await server.close()
  })

  it('is none if its headers are malformed: the session is handed over', async () => {
    const sessionId = randomUUID()
    const server = await datadog.startServer(['test/server/apps/inCode.cjs'], {
      ORDER: 'tracer first',
      ...envOf(['datadog', 'b3multi', 'b3 single header']),
    })
    const headers = { b3: 'none', 'x-b3-traceid': 'none', baggage: `session.id=${sessionId}` }
    const { message } = await server.call('/', { headers })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
    await server.close()
  })
})
