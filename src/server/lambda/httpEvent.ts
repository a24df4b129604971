import { BAGGAGE } from '../../carriers/baggage.js'
import { TRACE_STATE } from '../../carriers/traceState.js'
import { TRACE_TAGS } from '../../carriers/traceTags.js'
import { isObject } from '../../lib/isObject.js'
import type { InboundHeaders } from '../traceContext.js'

/** Values by name, each of them one or, in events with several per name, a list. */
type Values = Record<string, unknown>

/**
 * What is used of an event that an HTTP request has become: of API Gateway (REST, HTTP, a WebSocket's `$connect`), of a function URL,
 * of an Application Load Balancer. {@link https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html}
 */
export interface HttpEvent {
  headers?: Values | null
  multiValueHeaders?: Values | null
  readonly httpMethod?: unknown
  readonly rawQueryString?: unknown
  readonly queryStringParameters?: unknown
  readonly multiValueQueryStringParameters?: unknown
  readonly body?: unknown
  readonly isBase64Encoded?: unknown
  readonly requestContext: Values
}

/** The event, if it is an HTTP request. Queues, schedules, direct invocations and WebSocket messages are not. */
export function httpEventIn(event: unknown): HttpEvent | undefined {
  return isObject(event) &&
    isObject(event.requestContext) &&
    (isObject(event.headers) || isObject(event.multiValueHeaders) || event.httpMethod !== undefined)
    ? (event as unknown as HttpEvent)
    : undefined
}

export function methodOf({ httpMethod, requestContext: { http } }: HttpEvent): unknown {
  return httpMethod ?? (isObject(http) ? http.method : undefined)
}

/** The query as text, encoded as in a URL. Load balancers hand names and values on as they came; the others decode them. */
export function queryOf(event: HttpEvent): string {
  if (typeof event.rawQueryString === 'string') {
    return event.rawQueryString
  }
  const values = event.multiValueQueryStringParameters ?? event.queryStringParameters
  const pairs = isObject(values) ? linesOf(values) : []
  return 'elb' in event.requestContext
    ? pairs.map((pair) => pair.join('=')).join('&')
    : new URLSearchParams(pairs).toString()
}

/** The headers as Datadog's library reads them: by lower-case name, and of several lines one. */
export function headersAsRead({ headers, multiValueHeaders }: HttpEvent): InboundHeaders {
  const values = headers ?? multiValueHeaders ?? {}
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value[0] : value]),
  )
}

/** Headers that are lists, and may come in several lines ({@link https://www.rfc-editor.org/rfc/rfc9110#section-5.3 | RFC 9110}). */
const LISTS = [BAGGAGE, TRACE_TAGS, TRACE_STATE]

/** The headers as Node has those of a request: all lines of a list are joined. */
export function headersOf(event: HttpEvent): InboundHeaders {
  const headers = headersAsRead(event)
  const lines = linesOf(event.multiValueHeaders ?? event.headers ?? {})
  for (const list of LISTS) {
    const own = lines.filter(([name]) => name.toLowerCase() === list)
    if (own.length > 1) {
      headers[list] = own.map(([, value]) => value).join()
    }
  }
  return headers
}

/** Writes a header in place of all that has its name; `undefined` takes it away. */
export function writeHeader(event: HttpEvent, name: string, value: string | undefined): void {
  if (!event.headers && !event.multiValueHeaders) {
    event.headers = {}
  }
  writeValue(event.headers, name, value)
  writeValue(event.multiValueHeaders, name, value && [value])
}

function writeValue(values: Values | null | undefined, name: string, value: unknown): void {
  if (values) {
    for (const own of Object.keys(values).filter((key) => key.toLowerCase() === name)) {
      delete values[own]
    }
    if (value !== undefined) {
      values[name] = value
    }
  }
}

/** A pair for each line, also of those that have the same name. */
function linesOf(values: Values): Array<[name: string, value: string]> {
  return Object.entries(values).flatMap(([name, value]) =>
    [value].flat().map((line): [string, string] => [name, typeof line === 'string' ? line : '']),
  )
}
