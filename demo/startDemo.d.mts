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
  meta: {
    /** Where dd-trace has the kind; ddtrace has it in `span.kind`. */
    'span.kind'?: string
    span?: { kind: string }
    input?: { value?: string }
    output?: { value?: string }
    metadata?: Record<string, unknown>
  }
}

/** What the tests read of a RUM event; see the RUM events format for the rest. */
export interface RumEvent {
  type: string
  date: number
  session: { id: string }
  view: { id: string }
  resource?: { type: string; url: string; first_byte?: object; download?: object }
  context?: { llm_correlation?: { carrier: string; reason?: string } }
}

export interface Intake {
  rumEvents: RumEvent[]
  llmSpans: LlmSpan[]
  apmTraces: object[][]
  subscribe(listener: (received: { kind: 'rum' | 'llm' | 'apm'; item: object }) => void): () => void
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
  /** Called when the agent stops without having been asked to. */
  onAgentExit?: (reason: string | number) => void
}

export interface Demo {
  url: string
  agentUrl: string
  intake: Intake
  account: { site: string; appUrl: string } | undefined
  close(): Promise<void>
}

export function startDemo(options?: DemoOptions): Promise<Demo>
