import * as natives from '../defence/natives.js'
import { encode } from './encode.js'

/** The header in which Datadog tracers pass on the tags of a trace. */
export const TRACE_TAGS = 'x-datadog-tags'
export const TRACE_ID = 'x-datadog-trace-id'
export const PARENT_ID = 'x-datadog-parent-id'
/** The tag from which the tracers read the session of LLM Observability. */
const SESSION_TAG = '_dd.p.llmobs_sid='

const MAX_LENGTH = 512

/**
 * Reads the session from an `x-datadog-tags` header. If the header has the tag several times, the
 * last one counts, even without a value, as in dd-trace.
 */
export function readTraceTag(header: string): string | undefined {
  return /^(?:.*,)?\s*_dd\.p\.llmobs_sid(?:=|(?=\s*(?:,|$)))([^,]*)/.exec(header)?.[1]?.trimEnd()
}

/**
 * The tags of an `x-datadog-tags` header, without white space around commas: servers put it there
 * when they join lines of the same header. Returns `undefined` if the tracers would drop the whole
 * header, for one of its tags or for its length.
 */
export function readTraceTags(header: string): string | undefined {
  const tags = header
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean)
  const joined = tags.join()
  return joined.length <= MAX_LENGTH &&
    tags.every((tag) => /^_dd\.p\.[\x21-\x2b\x2d-\x3c\x3e-\x7e]+(=[\x20-\x2b\x2d-\x7e]*)?$/.test(tag))
    ? joined
    : undefined
}

/**
 * Adds the session to an `x-datadog-tags` header, after the existing tags. The tracers drop the
 * whole header if it has a space after a comma, or more than 512 characters. Returns `undefined`
 * if the tag does not fit.
 */
export function addTraceTag(header: string, sessionId: string): string | undefined {
  const added = `${header}${header && ','}${SESSION_TAG}${sessionId}`
  return added.length <= MAX_LENGTH && encode(sessionId) === sessionId ? added : undefined
}

/**
 * Headers that start a new trace. Without both ids the tracers read no tags. The trace id is a
 * random number of 19 digits, which fits into 63 bits. The parent id names a span that does not
 * exist: the tracers for Go and Ruby ignore a call whose parent id is 0.
 */
export function newTraceIds(): Record<string, string> {
  return { [TRACE_ID]: randomNumber() + randomNumber().slice(1), [PARENT_ID]: randomNumber() }
}

/** Ten digits; the first one is 1. */
function randomNumber(): string {
  return `${(1e9 + 1e9 * natives.random()) >>> 0}`
}
