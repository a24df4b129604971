import { attempt } from '../attempt.js'
import { fieldOf } from '../field.js'
import { sessionOfEvent } from './eventSession.js'
import { writeSession } from './eventTrace.js'
import { httpEventIn } from './httpEvent.js'

/**
 * For the environment variable `DD_TRACE_EXTRACTOR` of an AWS Lambda function that Datadog's layer traces:
 *
 * ```text
 * DD_TRACE_EXTRACTOR=node_modules/rum-llm-correlation/dist/lambda.extractor
 * ```
 *
 * Datadog's library calls it with each event, before it reads the event's headers. If the event is
 * an HTTP request with a RUM session id, it writes the session into the headers that the library
 * reads. All LLM Observability spans of the invocation then have the session. The id may be in
 * `baggage`, the query or the body. Other events stay unchanged. It never throws.
 *
 * The environment variable `RUM_LLM_FIELD` names the body's field and the query parameter, as the page's `field` does.
 *
 * @returns An object without a trace: the library goes on to read it from the event.
 */
export function extractor(event: unknown): Record<string, never> {
  attempt(() => {
    const request = httpEventIn(event)
    const sessionId = request && sessionOfEvent(request, fieldOf({ field: process.env.RUM_LLM_FIELD?.trim() ?? '' }))
    if (sessionId) {
      writeSession(request, sessionId)
    }
  })
  return {}
}
