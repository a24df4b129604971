/** The W3C header in which the systems that a trace passes through keep what is theirs, and Datadog's member of it. */
export const TRACE_STATE = 'tracestate'
const VENDOR = 'dd='
/** What the tracers make of the tag `_dd.p.llmobs_sid` there. */
const SESSION_TAG = 't.llmobs_sid:'

const MAX_MEMBERS = 32
const MAX_VALUE_LENGTH = 256

/** Reads the session from the `dd` member of a {@link https://www.w3.org/TR/trace-context/#tracestate-header | `tracestate`} header. */
export function readTraceState(header: string): string | undefined {
  const member = membersOf(header).find(isDatadogs) ?? ''
  // The tracers allow white space around names, and pass over empty values.
  return /[=;]\s*t\.llmobs_sid\s*:([^;]+)/.exec(member)?.[1]
}

/**
 * Adds the session to the `dd` member of a `tracestate` header, behind what stands in it, and puts that member first, as the
 * recommendation wants of a member that was changed. The others stay as they are. Where it does not fit (32 members, 256
 * characters in one), or where there are several `dd` members, of which each tracer takes another one: `undefined`.
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
