// Stands in for Datadog: receives what the RUM SDK (through `proxy`) and a tracer (as its Datadog agent) send.
import { gunzipSync, inflateSync } from 'node:zlib'
import { decode } from '@msgpack/msgpack'

const keptItems = 5000

export function createIntake() {
  const rumEvents = []
  const llmSpans = []
  const apmTraces = []
  const feedback = []
  const listeners = new Set()

  function keep(list, kind, items) {
    for (const item of items) {
      list.push(item)
      if (list.length > keptItems) list.shift()
      announce(kind, item)
    }
  }

  function announce(kind, item) {
    for (const listener of listeners) listener({ kind, item })
  }

  const endpoints = {
    '/rum-intake': (body) => keep(rumEvents, 'rum', parseLines(body)),
    '/evp_proxy/v2/api/v2/llmobs': (body) => keep(llmSpans, 'llm', parseSpanBatches(body)),
    '/evp_proxy/v2/api/intake/llm-obs/v2/eval-metric': (body) => keep(feedback, 'feedback', parseFeedback(body)),
    '/v0.4/traces': (body) => {
      const traces = decodeTraces(body)
      keep(apmTraces, 'apm', traces)
      keep(llmSpans, 'llm', traces.flat().filter(hasLlmSpan).map(llmSpanOf))
      return { rate_by_service: {} }
    },
    '/info': () => ({ endpoints: ['/v0.4/traces', '/evp_proxy/v2/', '/debugger/v2/input'] }),
  }

  return {
    rumEvents,
    llmSpans,
    apmTraces,
    feedback,

    /** Tells those who have subscribed something that is not kept. */
    announce,

    /** Calls `listener` with each item that arrives from now on; returns how to stop. */
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    /** Answers a request to Datadog's place; false when it is for something else. */
    async handle(request, response, url) {
      const isIntake = Object.hasOwn(endpoints, url.pathname)
      if (!isIntake && !isTracerPath(url.pathname)) return false
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      // Whatever else a tracer sends (telemetry, statistics) is taken and forgotten.
      const answer = isIntake ? endpoints[url.pathname](decompress(Buffer.concat(chunks), request)) : undefined
      response.writeHead(isIntake ? 200 : 202, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? {}))
      return true
    },
  }
}

function isTracerPath(path) {
  return /^\/(v\d+\.\d+|evp_proxy|telemetry|debugger|tracer_flare|profiling|dogstatsd)\//.test(path)
}

function decompress(body, request) {
  const encoding = request.headers['content-encoding']
  if (encoding === 'gzip') return gunzipSync(body)
  if (encoding === 'deflate') return inflateSync(body)
  return body
}

function parseLines(body) {
  return body
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

function parseSpanBatches(body) {
  const batches = [JSON.parse(body.toString('utf8'))].flat()
  return batches.filter(({ event_type }) => event_type === 'span').flatMap(({ spans }) => spans)
}

/** End-user feedback shares its endpoint with evaluations. */
function parseFeedback(body) {
  const { metrics } = JSON.parse(body.toString('utf8')).data.attributes
  return metrics.filter(({ event_kind }) => event_kind === 'feedback')
}

/** 64-bit ids and times become strings, which JSON can hold without loss, and structures within a span are decoded. */
function decodeTraces(body) {
  if (body.length === 0) return []
  return plain(decode(body, { useBigInt64: true }))
}

function plain(value) {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return plain(decode(value, { useBigInt64: true }))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  }
  return value
}

/** ddtrace sends an LLM Observability span within its APM span; dd-trace sends it on its own. */
const hasLlmSpan = (span) => span.meta_struct?._llmobs !== undefined

/** The same event that a tracer would have sent on its own, with the APM trace that it belongs to (128 bits, hexadecimal). */
function llmSpanOf(span) {
  const { trace_id, parent_id, name, session_id, meta, metrics = {}, tags = {} } = span.meta_struct._llmobs
  return {
    trace_id,
    span_id: span.span_id,
    parent_id,
    name: name ?? span.name,
    tags: Object.entries(tags).map(([key, value]) => `${key}:${value}`),
    start_ns: Number(span.start),
    duration: Number(span.duration),
    status: span.error ? 'error' : 'ok',
    meta,
    metrics,
    ...(session_id && { session_id }),
    _dd: { apm_trace_id: (span.meta?.['_dd.p.tid'] ?? '') + BigInt(span.trace_id).toString(16).padStart(16, '0') },
  }
}
