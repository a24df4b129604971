// @ts-check
// Stands in for Datadog. The RUM SDK reaches it by `proxy`; the tracers take it for their Datadog
// agent.
import { gunzipSync, inflateSync } from 'node:zlib'
import { decodeTraces, llmSpansIn, parseFeedback, parseLines, parseSpanBatches } from './payloads.mjs'

/** @typedef {ReturnType<typeof createIntake>} Intake */

/** @typedef {import('./received.js').Received} Received */

/** @typedef {import('./received.js').LlmSpan} LlmSpan */

const keptItems = 5000

export function createIntake() {
  /** @type {import('./received.js').RumEvent[]} */
  const rumEvents = []
  /** @type {LlmSpan[]} */
  const llmSpans = []
  /** @type {import('./received.js').ApmSpan[][]} */
  const apmTraces = []
  /** @type {import('./received.js').Feedback[]} */
  const feedback = []
  /** @type {Set<(received: Received) => void>} */
  const listeners = new Set()

  /**
   * @template {object} Item
   * @param {Item[]} list
   * @param {Received['kind']} kind
   * @param {Item[]} items
   */
  function keep(list, kind, items) {
    for (const item of items) {
      list.push(item)
      if (list.length > keptItems) list.shift()
      announce(kind, item)
    }
  }

  /**
   * @param {Received['kind']} kind
   * @param {object} item
   */
  function announce(kind, item) {
    for (const listener of listeners) listener({ kind, item })
  }

  /** @type {Record<string, (body: Buffer) => object | void>} */
  const endpoints = {
    '/rum-intake': (body) => keep(rumEvents, 'rum', parseLines(body)),
    '/evp_proxy/v2/api/v2/llmobs': (body) => keep(llmSpans, 'llm', parseSpanBatches(body)),
    '/evp_proxy/v2/api/intake/llm-obs/v2/eval-metric': (body) => keep(feedback, 'feedback', parseFeedback(body)),
    '/v0.4/traces': (body) => {
      const traces = decodeTraces(body)
      keep(apmTraces, 'apm', traces)
      keep(llmSpans, 'llm', traces.flat().flatMap(llmSpansIn))
      return { rate_by_service: {} }
    },
    '/info': () => ({ endpoints: ['/v0.4/traces', '/evp_proxy/v2/', '/debugger/v2/input'] }),
  }

  return {
    rumEvents,
    llmSpans,
    apmTraces,
    feedback,

    /** Tells the subscribers an item that is not kept. */
    announce,

    /**
     * Calls `listener` with each item that arrives from now on. Returns a function that ends this.
     *
     * @param {(received: Received) => void} listener
     * @returns {() => void}
     */
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    /**
     * Answers a request that is meant for Datadog. Resolves to false for all others.
     *
     * @param {import('node:http').IncomingMessage} request
     * @param {import('node:http').ServerResponse} response
     * @param {URL} url
     */
    async handle(request, response, url) {
      const take = Object.hasOwn(endpoints, url.pathname) ? endpoints[url.pathname] : undefined
      if (!take && !isTracerPath(url.pathname)) return false
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      // Accepts all else that a tracer sends (telemetry, statistics), and forgets it.
      const answer = take?.(decompress(Buffer.concat(chunks), request))
      response.writeHead(take ? 200 : 202, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? {}))
      return true
    },
  }
}

/** @param {string} path */
function isTracerPath(path) {
  return /^\/(v\d+\.\d+|evp_proxy|telemetry|debugger|tracer_flare|profiling|dogstatsd)\//.test(path)
}

/**
 * @param {Buffer} body
 * @param {import('node:http').IncomingMessage} request
 */
function decompress(body, request) {
  const encoding = request.headers['content-encoding']
  if (encoding === 'gzip') return gunzipSync(body)
  if (encoding === 'deflate') return inflateSync(body)
  return body
}
