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

export interface Intake {
  rumEvents: RumEvent[]
  llmSpans: LlmSpan[]
  apmTraces: ApmSpan[][]
  feedback: Feedback[]
  subscribe(
    listener: (received: { kind: 'rum' | 'llm' | 'apm' | 'feedback' | 'agent'; item: object }) => void,
  ): () => void
}

export interface AgentState {
  running: boolean
  /** Exit code or signal. */
  reason?: string | number
}

export interface DemoOptions {
  /** Of the web server; 0, the default, takes any free one. */
  port?: number
  backend?: 'node' | 'python'
  env?: Record<string, string | undefined>
  /** File of the RUM SDK's CDN bundle that the page with script tags loads. */
  rumBundle?: string
  /** Milliseconds between the words of the scripted model. */
  wordDelay?: number
  /** Called when the agent stops without having been asked to, and when it has been started again. */
  onAgentChange?: (state: AgentState) => void
}

export interface Demo {
  url: string
  agentUrl: string
  /** Base URL of the scripted model's API; none where a real model answers. */
  modelUrl: string | undefined
  intake: Intake
  account: { site: string; appUrl: string } | undefined
  agentPid(): number
  /** Starts the agent again at its URL, where it has stopped. */
  restartAgent(): Promise<void>
  close(): Promise<void>
}

export function startDemo(options?: DemoOptions): Promise<Demo>
