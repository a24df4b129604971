const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i

/**
 * The first of some values that is a RUM session id, which is a UUID. Lists count as their values.
 * All that a client sends passes this check before it goes into a header.
 */
export function sessionIdIn(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const sessionId = Array.isArray(value) ? value.find(isSessionId) : value
    if (isSessionId(sessionId)) {
      return sessionId
    }
  }
  return undefined
}

function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value)
}
