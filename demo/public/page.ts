// The types that the page's scripts share.
import type { DatadogRum, RumInitConfiguration } from '@datadog/browser-rum'
import type { Carrier, LlmCorrelationPlugin, OriginOptions } from 'rum-llm-correlation'
import type { Backend } from '../agentProcess.mjs'
import type { Feedback, LlmSpan, RumActionEvent, RumErrorEvent, RumResourceEvent, RumViewEvent } from '../received.js'

declare global {
  interface Window {
    DD_RUM: DatadogRum
    DEMO: Settings
  }
}

/**
 * config.js makes them. settings.js adds `origins`, and the script that starts RUM adds `plugin`.
 */
export interface Settings {
  agentUrl: string
  backend: Backend
  /** The account that gets everything. Without an account the page shows it. */
  datadog?: { site: string; appUrl: string }
  rum: RumInitConfiguration
  origins: OriginOptions[]
  plugin: LlmCorrelationPlugin
}

export type Client = 'fetch' | 'xhr' | 'eventsource' | 'websocket'

/** Whether a call is made with the plugin. */
export type Mode = 'with' | 'without'

/** One part of a request in which the agent found the session id. */
export interface Carried {
  in: string
  text: string
}

/** An event of the agent's answer. */
export interface AnswerEvent {
  trace_id?: string
  carried?: Carried[]
  delta?: string
  error?: string
  done?: boolean
}

/**
 * One question to the agent. The properties that may be missing become known as the answer arrives.
 */
export interface Call {
  message: string
  carrier: Carrier
  client: Client
  mode: Mode
  /** What the page's own code passes to the browser. */
  wrote: { by: string; text: string }
  traceId?: string
  carried?: Carried[]
  trace?: Trace
  failed?: boolean
}

/** A RUM event that has a row of its own in its view. */
export type ShownEvent = RumActionEvent | RumResourceEvent | RumErrorEvent

/** A RUM session, with the RUM events and the feedback that were received of it. */
export interface Session {
  id: string
  /** In milliseconds since 1970. */
  start: number
  /** The newest event of each view, by the view's id. */
  views: Map<string, RumViewEvent>
  events: ShownEvent[]
  feedback: Feedback[]
}

/** An LLM trace, with the spans and the feedback that were received of it. */
export interface Trace {
  id: string
  sessionId?: string
  /** Its APM trace, as RUM writes it: 64 bits, decimal. */
  apmId?: string
  spans: LlmSpan[]
  feedback: Feedback[]
}

/** Bring a trace or a session into view, by its id. */
export interface Jumps {
  onShowTrace(id: string): void
  onShowSession(id: string): void
}
