import type { Attributes, Baggage } from '@opentelemetry/api'
import { SESSION_MEMBER } from '../carriers/baggage.js'
import { isTagValue, USER_TAGS } from '../server/userTags.js'
import { sessionIdIn } from '../server/uuid.js'

/** The attributes that a request's baggage gives to its spans. */
export interface BaggageAttributes {
  /** For each span. */
  readonly all: Attributes
  /** For the spans of generative AI, besides. */
  readonly genAi: Attributes
}

/** Reads session, user and account. A session that is no UUID counts as none. */
export function baggageAttributes(baggage: Baggage): BaggageAttributes {
  const value = (member: string) => baggage.getEntry(member)?.value
  // dd-trace leaves a member's properties in its value.
  const sessionId = sessionIdIn([value(SESSION_MEMBER)?.split(';', 1)[0]?.trim()])
  const genAi: Attributes = sessionId === undefined ? {} : { 'gen_ai.conversation.id': sessionId }
  for (const [member, tag] of USER_TAGS) {
    const id = value(member)
    if (id !== undefined && isTagValue(id)) {
      genAi[tag] = id
    }
  }
  return { all: sessionId === undefined ? {} : { 'session.id': sessionId }, genAi }
}
