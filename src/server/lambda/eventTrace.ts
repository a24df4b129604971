import { TRACE_PARENT } from '../../carriers/traceParent.js'
import { TRACE_STATE } from '../../carriers/traceState.js'
import { PARENT_ID, TRACE_ID, TRACE_TAGS } from '../../carriers/traceTags.js'
import { isObject } from '../../lib/isObject.js'
import { attempt } from '../attempt.js'
import { applyChanges, handOver } from '../handOver.js'
import type { InboundHeaders } from '../traceContext.js'
import { type HttpEvent, headersAsRead, headersOf, writeHeader } from './httpEvent.js'

const TRACE_HEADERS = [TRACE_ID, PARENT_ID, TRACE_TAGS, TRACE_PARENT, TRACE_STATE]

/** Writes a session to where Datadog's library will read the function's trace. */
export function writeSession(event: HttpEvent, sessionId: string): void {
  const wanted = withSession(headersOf(event), sessionId)
  const read = headersAsRead(event)
  for (const name of TRACE_HEADERS) {
    if (wanted[name] !== read[name]) {
      writeHeader(event, name, wanted[name] as string | undefined)
    }
  }
  attempt(() => writeToAuthorizer(event, sessionId))
}

function withSession(headers: InboundHeaders, sessionId: string): InboundHeaders {
  const { changes } = handOver(headers, sessionId)
  if (changes[TRACE_ID] && mergesXRayTraces()) {
    return headers
  }
  const wanted = { ...headers }
  applyChanges(wanted, changes)
  return wanted
}

/** Whether a request without a trace joins X-Ray's. A trace that begins here would replace that. */
function mergesXRayTraces(): boolean {
  return /^true$/i.test(globalThis.process?.env?.DD_MERGE_XRAY_TRACES ?? '')
}

/**
 * A Lambda authorizer that Datadog traces hands its trace to the function in the event, and there it comes before that of the headers.
 * {@link https://docs.datadoghq.com/serverless/aws_lambda/distributed_tracing/}
 */
function writeToAuthorizer({ requestContext: { authorizer } }: HttpEvent, sessionId: string): void {
  if (isObject(authorizer)) {
    const injecting = isObject(authorizer.lambda) ? authorizer.lambda : authorizer
    if (typeof injecting._datadog === 'string') {
      const headers = JSON.parse(Buffer.from(injecting._datadog, 'base64').toString()) as InboundHeaders
      injecting._datadog = Buffer.from(JSON.stringify(withSession(headers, sessionId))).toString('base64')
    }
  }
}
