import { encode } from './encode.js'

/** The header by which Datadog tracers propagate the tags of a trace, and the tag that they read an LLM session from. */
export const TRACE_TAGS = 'x-datadog-tags'
export const TRACE_ID = 'x-datadog-trace-id'
export const PARENT_ID = 'x-datadog-parent-id'
const SESSION_TAG = '_dd.p.llmobs_sid='

const MAX_LENGTH = 512

/** Reads the session from an `x-datadog-tags` header; of several the last counts, a tag without a value included, as it does for dd-trace. */
export function readTraceTag(header: string): string | undefined {
  return /^(?:.*,)?\s*_dd\.p\.llmobs_sid(?:=|(?=\s*(?:,|$)))([^,]*)/.exec(header)?.[1]?.trimEnd()
}

/**
 * The tags of an `x-datadog-tags` header as the tracers take them: without the white space that servers put between lines
 * of the same header. `undefined` where one of the tags, or the length, makes the tracers drop the header whole.
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
 * Adds the session to an `x-datadog-tags` header, behind the tags that are there. The tracers drop the whole header where
 * a space follows a comma or where it is longer than 512 characters: where the tag does not fit, `undefined`.
 */
export function addTraceTag(header: string, sessionId: string): string | undefined {
  const added = `${header}${header && ','}${SESSION_TAG}${sessionId}`
  return added.length <= MAX_LENGTH && encode(sessionId) === sessionId ? added : undefined
}

/**
 * The ids without which the tracers take no tags from a call: those of a new trace. The trace's is a random number of 19 digits,
 * which 63 bits hold. The parent is a span that nobody has: tracers of some languages (Go, Ruby) take nothing from a call whose
 * parent is 0.
 */
export function newTraceIds(): Record<string, string> {
  return { [TRACE_ID]: randomNumber() + randomNumber().slice(1), [PARENT_ID]: randomNumber() }
}

// As it was at first: a page that replaces it may repeat itself.
const { random } = Math

/** Of ten digits, the first of which is 1. */
function randomNumber() {
  return `${(1e9 + 1e9 * random()) >>> 0}`
}
