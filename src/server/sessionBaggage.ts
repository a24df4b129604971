import { addBaggage, BAGGAGE, readAllBaggage, SESSION_MEMBER } from '../carriers/baggage.js'
import { sessionInBaggage, sessionOfTrace } from './handOver.js'
import { type InboundHeaders, textOf } from './traceContext.js'

/**
 * Writes a request's session into its `baggage`, for OpenTelemetry and for the services behind. It is the session that was
 * handed over, or another one that the request's trace has brought and that stays.
 */
export function shareInBaggage(headers: InboundHeaders, handedOver: string | undefined): void {
  const session = sessionOfTrace(headers) ?? handedOver
  const baggage = session && baggageWithSession(textOf(headers, BAGGAGE), session)
  if (baggage) {
    headers[BAGGAGE] = baggage
  }
}

/**
 * A `baggage` header that has the session where OpenTelemetry reads it, which is the last `session.id` member. A session that
 * the header has already stays; a member whose value is no session id gives way. All other members stay as they are.
 *
 * @returns `undefined` if nothing has to change, or if the member does not fit.
 */
export function baggageWithSession(header: string, sessionId: string): string | undefined {
  const session = sessionInBaggage(header) ?? sessionId
  const present = readAllBaggage(header, SESSION_MEMBER)
  if (present[present.length - 1] === session) {
    return undefined
  }
  const others = header.split(',').filter((member) => member.trim() && !readAllBaggage(member, SESSION_MEMBER).length)
  return addBaggage(others.join(), SESSION_MEMBER, session)
}
