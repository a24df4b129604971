import { readTraceState, TRACE_STATE } from '../../carriers/traceState.js'
import { readTraceTag, TRACE_TAGS } from '../../carriers/traceTags.js'
import { attempt } from '../attempt.js'
import { parameterOf } from '../field.js'
import { sessionToHandOver } from '../handOver.js'
import { mediaTypeOf } from '../mediaType.js'
import { rumSessionOf } from '../readSession.js'
import { type InboundHeaders, textOf } from '../traceContext.js'
import { sessionIdIn } from '../uuid.js'
import { type HttpEvent, headersOf, methodOf, queryOf } from './httpEvent.js'

/**
 * The session id that an event brings: in `baggage`, else in the query, the body or the trace
 * headers. Datadog's library does not read those headers for each kind of event.
 */
export function sessionOfEvent(event: HttpEvent, field: string): string | undefined {
  const headers = headersOf(event)
  return (
    sessionToHandOver(headers, `?${queryOf(event)}`, [parameterOf(field)]) ??
    attempt(() => sessionInBody(event, headers, field)) ??
    sessionIdIn([readTraceTag(textOf(headers, TRACE_TAGS)), readTraceState(textOf(headers, TRACE_STATE))])
  )
}

const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH']

/** The type of the body. Without a header, the beginning of the text tells it. */
const JSON_TYPE = /^(?:application\/(?:[^;\s]+\+)?json|text\/plain)?$/
const FORM_TYPE = 'application/x-www-form-urlencoded'

function sessionInBody(event: HttpEvent, headers: InboundHeaders, field: string): string | undefined {
  const type = textOf(headers, 'content-type')
  const kind = mediaTypeOf(type)
  const isForm = kind === FORM_TYPE
  if (
    typeof event.body !== 'string' ||
    !METHODS_WITH_BODY.includes(methodOf(event) as string) ||
    !(isForm || JSON_TYPE.test(kind)) ||
    !/^(?:\s*identity\s*)?$/i.test(textOf(headers, 'content-encoding'))
  ) {
    return undefined
  }
  const text = event.isBase64Encoded ? new TextDecoder().decode(Buffer.from(event.body, 'base64')) : event.body
  const isObject = /^\s*\{/.test(text)
  return isForm || isObject ? rumSessionOf({ headers: { 'content-type': type } }, text, { field }).sessionId : undefined
}
