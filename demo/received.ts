// What the intake receives, as far as the demo and the tests read it.

/** An LLM Observability span, as dd-trace and ddtrace send it. */
export interface LlmSpan {
  trace_id: string
  span_id: string
  parent_id: string
  name: string
  tags: string[]
  start_ns: number
  duration: number
  status: 'ok' | 'error'
  session_id?: string
  /** Its APM trace: 64 or 128 bits, hexadecimal. */
  _dd: { apm_trace_id: string }
  meta: {
    /** Where dd-trace has the kind; ddtrace has it in `span.kind`. */
    'span.kind'?: string
    span?: { kind: string }
    input?: { value?: string }
    output?: { value?: string }
    metadata?: Record<string, unknown>
  }
}

/** What the tests read of an APM span; ids are decimal. */
export interface ApmSpan {
  name: string
  trace_id: string
  span_id: string
}

/** What the tests read of a RUM event; see the RUM events format for the rest. */
export interface RumEvent {
  type: string
  date: number
  session: { id: string }
  view: { id: string }
  resource?: { type: string; url: string; first_byte?: object; download?: object }
  /** Where RUM traced the call itself. */
  _dd?: { trace_id?: string }
  context?: { llm_correlation?: { carrier: string; reason?: string; trace_id?: string } }
}

/** What `submitFeedback` (dd-trace) and `submit_feedback` (ddtrace) send. */
export interface Feedback {
  label: string
  trace_id?: string
  boolean_value?: boolean
  submitter: { id: string }
  tags: string[]
}

/** Of which kind an item is; `agent` says whether the agent runs. */
export type Kind = 'rum' | 'llm' | 'apm' | 'feedback' | 'agent'

export interface Received {
  kind: Kind
  item: object
}
