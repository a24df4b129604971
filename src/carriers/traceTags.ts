/** The header by which Datadog tracers propagate the tags of a trace, and the tag that they read an LLM session from. */
export const TRACE_TAGS = 'x-datadog-tags'
const SESSION_TAG = '_dd.p.llmobs_sid'

const MAX_LENGTH = 512

/** Reads the session from an `x-datadog-tags` header. */
export function readTraceTag(header: string): string | undefined {
  const prefix = `${SESSION_TAG}=`
  return header
    .split(',')
    .map((tag) => tag.trim())
    .find((tag) => tag.startsWith(prefix))
    ?.slice(prefix.length)
}

/**
 * Adds the session to an `x-datadog-tags` header, behind the tags that are there. The tracers drop the whole header where
 * a space follows a comma or where it is longer than 512 characters: where the tag does not fit, `undefined`.
 */
export function addTraceTag(header: string, sessionId: string): string | undefined {
  const added = `${header}${header && ','}${SESSION_TAG}=${sessionId}`
  return added.length <= MAX_LENGTH && /^[\x21-\x7e]+=[\x21-\x2b\x2d-\x7e]*$/.test(added.slice(header.length))
    ? added
    : undefined
}

/**
 * The ids without which the tracers take no tags from a call: those of a new trace, whose root the backend's first span
 * becomes. The id is a random unsigned 63-bit integer that is not 0.
 */
export function newTraceIds(): Record<string, string> {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number]
  const id = (BigInt(high >>> 1) << 32n) | BigInt(low) || 1n
  return { 'x-datadog-trace-id': String(id), 'x-datadog-parent-id': '0' }
}
