// Stands in for Datadog: receives what the RUM SDK (through `proxy`) and a tracer (as its Datadog agent) send.
import { gunzipSync, inflateSync } from 'node:zlib'
import { decode } from '@msgpack/msgpack'

const keptItems = 5000

export function createIntake() {
  const rumEvents = []
  const llmSpans = []
  const apmTraces = []
  const listeners = new Set()

  function keep(list, kind, items) {
    for (const item of items) {
      list.push(item)
      if (list.length > keptItems) list.shift()
      for (const listener of listeners) listener({ kind, item })
    }
  }

  const endpoints = {
    '/rum-intake': (body) => keep(rumEvents, 'rum', parseLines(body)),
    '/evp_proxy/v2/api/v2/llmobs': (body) => keep(llmSpans, 'llm', parseSpanBatches(body)),
    '/v0.4/traces': (body) => {
      keep(apmTraces, 'apm', decodeTraces(body))
      return { rate_by_service: {} }
    },
    '/info': () => ({ version: '7.60.0', endpoints: ['/v0.4/traces', '/evp_proxy/v2/'], client_drop_p0s: false }),
  }

  return {
    rumEvents,
    llmSpans,
    apmTraces,

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
      // Whatever else a tracer sends (telemetry, statistics, evaluations) is taken and forgotten.
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

/** 64-bit ids and times become strings, which JSON can hold without loss. */
function decodeTraces(body) {
  if (body.length === 0) return []
  const traces = decode(body, { useBigInt64: true })
  return JSON.parse(JSON.stringify(traces, (_key, value) => (typeof value === 'bigint' ? String(value) : value)))
}
