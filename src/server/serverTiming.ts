import { attempt } from './attempt.js'

const SERVER_TIMING = 'Server-Timing'

/** The part of a `node:http` response that is used here. */
export interface TimedResponse {
  writeHead(...args: unknown[]): unknown
  getHeader(name: string): unknown
  setHeader(name: string, value: string): unknown
}

/**
 * Makes a response say the trace that it belongs to, in a {@link https://www.w3.org/TR/server-timing/ | `Server-Timing`} header that
 * the page reads from the timing entry of its call. The metrics that the server itself sends stay.
 *
 * It adds the header when the head is written, since every way to answer ends there. The server's
 * own header would replace one that is set earlier. An earlier one would also change how Node
 * reads raw header lists.
 */
export function sayTrace(response: TimedResponse, traceId: string): void {
  const metric = `dd-llm-trace;desc="${traceId}"`
  const { writeHead } = response
  response.writeHead = function (this: TimedResponse, ...args: unknown[]) {
    return Reflect.apply(writeHead, this, attempt(() => withMetric(this, args, metric)) ?? args)
  }
}

/** The arguments of `writeHead` (status, then the reason or not, then the headers or not) with the metric among the headers. */
function withMetric(response: TimedResponse, args: unknown[], metric: string): unknown[] {
  const at = typeof args[1] === 'string' || (args[2] !== undefined && args[2] !== null) ? 2 : 1
  const headers = args[at]
  const changed = Array.isArray(headers) ? inList(headers, metric) : inObject(headers, metric)
  const present = response.getHeader(SERVER_TIMING)
  if (changed && (changed.isMerged || present === undefined)) {
    return [...args.slice(0, at), changed.headers, ...args.slice(at + 1)]
  }
  if (!String(present).includes(metric)) {
    response.setHeader(SERVER_TIMING, merge(present, metric))
  }
  return args
}

interface Changed {
  readonly headers: unknown
  /** Whether the metric stands behind others of the server's own. */
  readonly isMerged: boolean
}

/** Names and values by turns, or pairs. */
function inList(headers: readonly unknown[], metric: string): Changed | undefined {
  const isPairs = Array.isArray(headers[0])
  if (!isPairs && headers.length % 2) {
    return undefined
  }
  const pairs: unknown[][] = isPairs
    ? headers.map((pair) => [...(pair as unknown[])])
    : headers.flatMap((name, index) => (index % 2 ? [] : [[name, headers[index + 1]]]))
  // If headers were set before, Node sends only the last of several lines.
  const own = pairs.filter(([name]) => isServerTiming(name)).pop()
  if (own) {
    own[1] = merge(own[1], metric)
  } else {
    pairs.push([SERVER_TIMING, metric])
  }
  return { headers: isPairs ? pairs : pairs.flat(), isMerged: own !== undefined }
}

function inObject(headers: unknown, metric: string): Changed | undefined {
  const prototype = typeof headers === 'object' && headers !== null ? Object.getPrototypeOf(headers) : undefined
  if (prototype !== null && prototype !== Object.prototype) {
    return undefined
  }
  const own = headers as Record<string, unknown>
  const name = Object.keys(own).find(isServerTiming)
  return {
    headers: { ...own, [name ?? SERVER_TIMING]: name === undefined ? metric : merge(own[name], metric) },
    isMerged: name !== undefined,
  }
}

/** Joins several lines into one value. With Node's `uniqueHeaders`, several lines make an invalid header. */
function merge(present: unknown, metric: string): string {
  return (Array.isArray(present) ? [...present, metric] : present === undefined ? [metric] : [present, metric]).join(
    ', ',
  )
}

function isServerTiming(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'server-timing'
}
