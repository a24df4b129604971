import { TRACE_PARENT } from '../carriers/traceParent.js'
import { addTraceState, TRACE_STATE } from '../carriers/traceState.js'
import { addTraceTag, PARENT_ID, TRACE_ID, TRACE_TAGS } from '../carriers/traceTags.js'
import { attempt } from './attempt.js'

// All that is known of the running dd-trace stands here. The package never imports it: dd-trace keeps its tracer on the
// global object, and `require.cache` has its version.

/** The headers of a request from which a tracer takes its trace. */
type TraceHeaders = Readonly<Record<string, unknown>>

interface ExtractedContext {
  readonly _trace?: { readonly tags?: Readonly<Record<string, string>> }
}

interface Tracer {
  readonly _initialized?: boolean
  extract(format: 'http_headers', headers: TraceHeaders): ExtractedContext | null
}

/** Where a request's headers have the session: which headers the tracer must read to get it. */
export type Place = 'tags' | 'tags beside traceparent' | 'tracestate'

const SESSION_TAG = '_dd.p.llmobs_sid'
const PROBE = '00000000-0000-0000-0000-000000000000'
const IDS = { [TRACE_ID]: '1', [PARENT_ID]: '1', [TRACE_TAGS]: addTraceTag('', PROBE) }
const PARENT = { [TRACE_PARENT]: `00-${'1'.padStart(32, '0')}-${'1'.padStart(16, '0')}-01` }

const PROBES: Readonly<Record<Place, TraceHeaders>> = {
  tags: IDS,
  'tags beside traceparent': { ...IDS, ...PARENT },
  tracestate: { ...PARENT, [TRACE_STATE]: addTraceState('', PROBE) },
}

/** Whether dd-trace is loaded, and whether it has been started. */
export function tracerState(): 'missing' | 'not started' | 'started' {
  const tracer = loadedTracer()
  if (!tracer) {
    return 'missing'
  }
  return tracer._initialized ? 'started' : 'not started'
}

/** The version of the loaded dd-trace. `undefined` if it is bundled or not loaded. */
export function tracerVersion(): string | undefined {
  const versions = Object.entries(loadedModules())
    .filter(([path]) => /[\\/]version\.js$/.test(path))
    .map(([, module]) => attempt(() => module?.exports as { VERSION?: unknown; DD_MAJOR?: unknown }))
  const version = versions.find((exported) => exported?.DD_MAJOR !== undefined)?.VERSION
  return typeof version === 'string' ? version : undefined
}

/**
 * Whether the tracer's settings let it take a session from this place. To find out, the tracer reads the headers of a made-up
 * request, once per place. `undefined` if no tracer has been started.
 */
export function takesSession(place: Place): boolean | undefined {
  const tracer = startedTracer()
  if (!tracer) {
    return undefined
  }
  const answers = known.get(tracer) ?? new Map<Place, boolean>()
  known.set(tracer, answers)
  const answer = answers.get(place) ?? (continuesTraces() && reads(tracer, PROBES[place]))
  answers.set(place, answer)
  return answer
}

function reads(tracer: Tracer, headers: TraceHeaders): boolean {
  return extract(tracer, headers)?._trace?.tags?.[SESSION_TAG] === PROBE
}

/** A tracer that is set to ignore incoming traces still reads them from headers. */
function continuesTraces(): boolean {
  return !/^(?:restart|ignore)$/i.test(globalThis.process.env.DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT ?? '')
}

const known = new WeakMap<Tracer, Map<Place, boolean>>()

/** Whether the tracer takes a trace from these headers. `undefined` if no tracer has been started. */
export function takesTrace(headers: TraceHeaders): boolean | undefined {
  const tracer = startedTracer()
  return tracer && Boolean(extract(tracer, headers))
}

function loadedTracer(): Tracer | undefined {
  return (globalThis as { _ddtrace?: Tracer })._ddtrace
}

function startedTracer(): Tracer | undefined {
  const tracer = loadedTracer()
  return tracer?._initialized ? tracer : undefined
}

/** `extract` also sets the baggage of the current async context. It must not change that of the request. */
function extract(tracer: Tracer, headers: TraceHeaders): ExtractedContext | null | undefined {
  return attempt(() => {
    const { AsyncResource } = globalThis.process.getBuiltinModule('node:async_hooks')
    return new AsyncResource('rum-llm-correlation').runInAsyncScope(() => tracer.extract('http_headers', headers))
  })
}

function loadedModules(): NodeJS.Dict<NodeJS.Module> {
  return (
    attempt(() => {
      const { process } = globalThis
      return process.getBuiltinModule('node:module').createRequire(`${process.cwd()}/`).cache
    }) ?? {}
  )
}
