import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { isGenAi, type Span, type Stack } from './agentProcess.js'

/** A user of the agent. The URL and the message of each call name the user. */
export interface User {
  readonly name: string
  readonly sessionId: string
}

export const users = (count: number): User[] =>
  Array.from({ length: count }, () => ({ name: `user-${randomUUID()}`, sessionId: randomUUID() }))

/** Whose each trace is. A trace is of one user. */
function usersOf(spans: readonly Span[], all: readonly User[]): Map<string, string> {
  const userOf = new Map<string, string>()
  for (const { traceId, attributes } of spans) {
    const text = JSON.stringify(attributes)
    for (const { name } of all.filter(({ name }) => text.includes(name))) {
      expect(userOf.get(traceId) ?? name, 'the user of a trace').toBe(name)
      userOf.set(traceId, name)
    }
  }
  return userOf
}

/** Each span has the session of its user, and those of generative AI, which are all there, have it as conversation. */
export function expectSessions(spans: readonly Span[], all: readonly User[], genAiSpans: Stack['genAiSpans']) {
  const userOf = usersOf(spans, all)
  expect(spans.filter(({ traceId }) => !userOf.has(traceId))).toEqual([])
  for (const { name, sessionId } of all) {
    const own = spans.filter(({ traceId }) => userOf.get(traceId) === name)
    expect(own.filter(isGenAi)).toHaveLength(genAiSpans)
    for (const span of own) {
      expect(span.attributes['session.id'], span.name).toBe(sessionId)
      expect(span.attributes['gen_ai.conversation.id'], span.name).toBe(isGenAi(span) ? sessionId : undefined)
    }
  }
}
