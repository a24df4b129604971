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
    /** dd-trace writes the kind here; ddtrace writes it into `span.kind`. */
    'span.kind'?: string
    span?: { kind: string }
    model_name?: string
    input?: SpanText
    output?: SpanText
    metadata?: Record<string, unknown>
  }
  metrics?: { input_tokens?: number; output_tokens?: number; total_tokens?: number }
}

/** The input or output of a span. Model spans have messages, all others a value. */
export interface SpanText {
  value?: string
  messages?: { role: string; content?: string; tool_calls?: { name: string; arguments: unknown }[] }[]
}

/** What the tests read of an APM span; ids are decimal. */
export interface ApmSpan {
  name: string
  trace_id: string
  span_id: string
}

/** What is read of a RUM event; RUM's events format documents the rest. */
export type RumEvent = RumViewEvent | RumActionEvent | RumResourceEvent | RumErrorEvent | OtherRumEvent

interface AnyRumEvent {
  date: number
  session: { id: string }
  view: RumView
  usr?: { id?: string }
  resource?: RumResource
  /** RUM sets it if RUM itself traced the call. */
  _dd?: { trace_id?: string }
  context?: {
    llm_correlation?: { carrier: string; reason?: string; trace_id?: string }
    /** The demo's page describes its own WebSocket calls. */
    web_socket?: { path: string; carrier: string; llm_trace_id?: string }
  }
}

export interface RumViewEvent extends AnyRumEvent {
  type: 'view'
}

export interface RumActionEvent extends AnyRumEvent {
  type: 'action'
  action: { id: string; type: string; target?: { name?: string } }
}

export interface RumResourceEvent extends AnyRumEvent {
  type: 'resource'
  resource: RumResource
}

export interface RumErrorEvent extends AnyRumEvent {
  type: 'error'
  error: { id: string; message: string }
}

interface OtherRumEvent extends AnyRumEvent {
  type: 'long_task' | 'vital'
}

export interface RumView {
  id: string
  url: string
  /** In nanoseconds. */
  time_spent: number
}

export interface RumResource {
  id: string
  type: string
  url: string
  method?: string
  status_code?: number
  /** In nanoseconds. */
  duration?: number
  first_byte?: object
  download?: object
}

/** What `submitFeedback` (dd-trace) and `submit_feedback` (ddtrace) send. */
export interface Feedback {
  label: string
  trace_id?: string
  timestamp_ms: number
  boolean_value?: boolean
  submitter: { id: string }
  tags: string[]
}

/** What an item is; `agent` says whether the agent runs. */
export type Kind = 'rum' | 'llm' | 'apm' | 'feedback' | 'agent'

export interface Received {
  kind: Kind
  item: object
}
