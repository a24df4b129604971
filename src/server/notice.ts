import { attempt } from './attempt.js'
import type { HandOver } from './handOver.js'
import { type InboundHeaders, placeOfSession } from './traceContext.js'
import { takesSession, tracerState, tracerVersion } from './tracer.js'

// What the server half says on the console: once per process and message, and only if nothing comes of a session.

/** The lowest versions of dd-trace 5 and 6 that read a session. */
const LOWEST_MINOR: Readonly<Record<string, number>> = { 5: 114, 6: 3 }

/** Copies of the package in one process say a message once. */
const SAID = Symbol.for('rum-llm-correlation.server.notices')

/** Says why a session that a request brought reaches no span, if that is known. */
export function noticeLostSession(headers: InboundHeaders, { outcome }: HandOver): void {
  const notice = noticeOfTracer() ?? noticeOfOutcome(outcome) ?? noticeOfSettings(headers)
  if (notice) {
    sayOnce(notice)
  }
}

/** Says that `register` does nothing on a Node.js that is too old. On pages and in edge runtimes it says nothing. */
export function noticeOldNode(): void {
  const { process } = globalThis
  const version = attempt(() => process?.versions?.node)
  if (version && typeof process.getBuiltinModule !== 'function') {
    sayOnce(`Node.js ${version} is too old, so register does nothing. Update to Node.js 20.16, 22.3 or newer.`)
  }
}

/** Says that `rumSession` was not given what it needs. */
export function noticeMissingLlmObs(): void {
  sayOnce(
    "rumSession does nothing: its argument is not dd-trace's tracer.llmobs. Pass that, of dd-trace 5.114, 6.3 or newer.",
  )
}

function noticeOfTracer(): string | undefined {
  const state = tracerState()
  if (state === 'started') {
    return noticeOfVersion()
  }
  if (hasOpenTelemetry()) {
    return undefined
  }
  const version = tracerVersion()
  if (version?.startsWith('6.') && Number.parseInt(globalThis.process.versions.node, 10) < 22) {
    return `dd-trace ${version} does not start on this Node.js, so RUM sessions reach no span. Update to Node.js 22, or use dd-trace 5.`
  }
  return state === 'missing'
    ? 'dd-trace is not loaded, so RUM sessions reach no span. Start Node.js with --import dd-trace/initialize.mjs.'
    : 'dd-trace is loaded but off, so RUM sessions reach no span. Call tracer.init(), and check DD_TRACE_ENABLED.'
}

function noticeOfVersion(): string | undefined {
  versionNotice ??= { text: textOfVersion(tracerVersion()) }
  return versionNotice.text
}

/** Looked up once: the list of loaded modules is long. */
let versionNotice: { readonly text: string | undefined } | undefined

function textOfVersion(version: string | undefined): string | undefined {
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? []
  const isTooOld = version !== undefined && (major < 5 || minor < (LOWEST_MINOR[major] ?? 0))
  return isTooOld
    ? `dd-trace ${version} is too old to read RUM sessions. Update to dd-trace 5.114, 6.3 or newer.`
    : undefined
}

function noticeOfOutcome(outcome: HandOver['outcome']): string | undefined {
  switch (outcome) {
    case 'no room':
      return 'The trace headers of a request had no room for its RUM session, or are malformed. Such requests have no session. See x-datadog-tags and tracestate.'
    case 'another trace':
      return 'A request continues a trace of B3, which has no place for its RUM session. Such requests have no session.'
    default:
      return undefined
  }
}

function noticeOfSettings(headers: InboundHeaders): string | undefined {
  const place = placeOfSession(headers)
  return place && takesSession(place) === false
    ? "dd-trace's settings make it ignore the RUM session of a request. Check DD_TRACE_PROPAGATION_STYLE_EXTRACT, which needs datadog and tracecontext, DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT and DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH."
    : undefined
}

/** With OpenTelemetry in place of dd-trace, the span processor of `rum-llm-correlation/otel` may take the session. */
function hasOpenTelemetry(): boolean {
  const api = (globalThis as Record<symbol, { trace?: unknown } | undefined>)[Symbol.for('opentelemetry.js.api.1')]
  return api?.trace !== undefined
}

function sayOnce(notice: string) {
  const shared = globalThis as { [SAID]?: Set<string> }
  shared[SAID] ??= new Set<string>()
  if (!shared[SAID].has(notice)) {
    shared[SAID].add(notice)
    attempt(() => console.warn(`rum-llm-correlation: ${notice}`))
  }
}
