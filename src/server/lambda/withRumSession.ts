import { attempt } from '../attempt.js'
import { fieldOf } from '../field.js'
import { sessionOfEvent } from './eventSession.js'
import { writeSession } from './eventTrace.js'
import { httpEventIn } from './httpEvent.js'
import { nameSessionOfRunningTrace } from './runningTrace.js'

/** Options of {@link withRumSession}. */
export interface LambdaOptions {
  /**
   * The page's `field`: the name of the body field and of the query parameter. A dotted path
   * (`metadata.session_id`) reaches into a JSON body. Its last part names the query parameter and
   * the form field.
   *
   * @defaultValue `'session_id'`
   */
  readonly field?: string
}

/**
 * Wraps the handler of an AWS Lambda function. If you cannot change its code, use {@link extractor}.
 *
 * If an event is an HTTP request with a RUM session id, all LLM Observability spans of the
 * invocation have that session. The id may be in `baggage`, the query, the body or the trace. A
 * session that code gives explicitly wins for its span and the spans below.
 *
 * It works inside Datadog's own wrapper, where Datadog's layer puts a handler, and around it. Other
 * events pass unchanged. The handler keeps its length and its streaming mark, and what it returns
 * and throws. No error of the package reaches the function. A value that is not a function is
 * returned unchanged.
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

/** Whether Datadog's library has wrapped a handler. It marks those, so as not to wrap them twice. */
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
