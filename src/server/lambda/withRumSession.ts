import { attempt } from '../attempt.js'
import { fieldOf } from '../field.js'
import { sessionOfEvent } from './eventSession.js'
import { writeSession } from './eventTrace.js'
import { httpEventIn } from './httpEvent.js'
import { nameSessionOfRunningTrace } from './runningTrace.js'

/** Options of {@link withRumSession}. */
export interface LambdaOptions {
  /**
   * Name of the body's field and of the query parameter, as the page's `field` has it. A dotted one (`metadata.session_id`) is a path
   * in a JSON body; its last part names the query parameter and the field of a form.
   *
   * @defaultValue `'session_id'`
   */
  readonly field?: string
}

/**
 * For AWS Lambda functions whose code may change; where it may not, see {@link extractor}. It wraps a handler: where an event is that of
 * an HTTP request that brings a RUM session id (in `baggage`, the query, the body or its trace), all LLM Observability spans of the
 * invocation have it as their session. A session that code gives explicitly wins for its span and those below.
 *
 * It works around Datadog's own wrapper as well as inside of it, which is where Datadog's layer puts a handler. All other events pass
 * as they are. What the handler is (its length, that it streams its response), returns and throws stays the same, and no error of its
 * own comes out of here. What is no function is returned as it is.
 *
 * @example
 * ```ts
 * export const handler = withRumSession(async (event) => ({ statusCode: 200, body: await answer(event.body) }))
 * ```
 */
export function withRumSession<Handler extends (...args: never[]) => unknown>(
  handler: Handler,
  options?: LambdaOptions,
): Handler {
  if (typeof handler !== 'function') {
    return handler
  }
  const field = fieldOf(options)
  return new Proxy(handler, {
    apply(target, receiver, args: never[]) {
      attempt(() => correlate(args[0], field, isDatadogs(target)))
      return Reflect.apply(target, receiver, args)
    },
  })
}

/** Whether a handler is one that Datadog's library has wrapped: it marks them, so as not to wrap them again. */
function isDatadogs(handler: object): boolean {
  return (handler as { _ddWrapped?: unknown })._ddWrapped !== undefined
}

function correlate(event: unknown, field: string, isAround: boolean): void {
  const request = httpEventIn(event)
  const sessionId = request && sessionOfEvent(request, field)
  if (sessionId && (isAround || !nameSessionOfRunningTrace(sessionId))) {
    writeSession(request, sessionId)
  }
}
