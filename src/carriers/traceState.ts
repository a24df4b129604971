/** The W3C header in which each tracing system has a member, and the start of Datadog's member. */
export const TRACE_STATE = 'tracestate'
const VENDOR = 'dd='
/** The name that the tag `_dd.p.llmobs_sid` has there. */
const SESSION_TAG = 't.llmobs_sid:'

const MAX_MEMBERS = 32
const MAX_VALUE_LENGTH = 256

/**
 * Reads the session from the `dd` member of a
 * {@link https://www.w3.org/TR/trace-context/#tracestate-header | `tracestate`} header.
 */
export function readTraceState(header: string): string | undefined {
  const member = membersOf(header).find(isDatadogs) ?? ''
  // The tracers allow white space around names, and ignore empty values.
  return /[=;]\s*t\.llmobs_sid\s*:([^;]+)/.exec(member)?.[1]
}

/**
 * Adds the session at the end of the `dd` member of a `tracestate` header. Moves that member to
 * the front, as the recommendation says for a changed member. The others stay as they are.
 *
 * Returns `undefined` if it does not fit (32 members, 256 characters in one). It does the same if
 * there are several `dd` members: each tracer reads another one of them.
 */
export function addTraceState(header: string, sessionId: string): string | undefined {
  const members = membersOf(header)
  const [own = VENDOR, ...duplicates] = members.filter(isDatadogs)
  const added = `${own}${own === VENDOR ? '' : ';'}${SESSION_TAG}${sessionId}`
  const all = [added, ...members.filter((member) => !isDatadogs(member))]
  return duplicates.length || added.length - VENDOR.length > MAX_VALUE_LENGTH || all.length > MAX_MEMBERS
    ? undefined
    : all.join()
}

function membersOf(header: string): string[] {
  return header
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member)
}

function isDatadogs(member: string) {
  return /^dd\s*=/.test(member)
}
