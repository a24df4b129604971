import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A finished span. */
export interface Span {
  readonly name: string
  readonly traceId: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** How an agent is traced, and which client calls its model. */
export interface Stack {
  readonly name: string
  /** Files that are loaded before the agent, from this folder, or modules. */
  readonly telemetry: readonly string[]
  /** Name of a file in `apps`. */
  readonly client: 'openai' | 'aiSdk6' | 'aiSdk7'
  /** How many spans of generative AI one answer makes. */
  readonly genAiSpans: number
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** dd-trace has nobody to send to here. */
const DATADOG = { DD_TRACE_STARTUP_LOGS: '0', DD_INSTRUMENTATION_TELEMETRY_ENABLED: '0', DD_REMOTE_CONFIG_ENABLED: '0' }

/** An agent in a process of its own. */
export class AgentProcess {
  static async start(stack: Stack, preloads: readonly string[], env: Record<string, string>): Promise<AgentProcess> {
    const child = fork(`${here}apps/agent.mjs`, {
      cwd: here,
      execArgv: [...preloads, ...stack.telemetry].flatMap((module) => ['--import', module]),
      env: { ...process.env, ...DATADOG, CLIENT: stack.client, ...env },
    })
    const [url] = await once(child, 'message')
    return new AgentProcess(child, url)
  }

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** The spans since the last time, once there are `count` of generative AI and all that is under way has ended. */
  async spans(count: number): Promise<Span[]> {
    const spans: Span[] = []
    for (;;) {
      this.child.send('spans')
      const [answer] = await once(this.child, 'message')
      if (answer.spans.length === 0 && spans.filter(isGenAi).length >= count) {
        return spans
      }
      spans.push(...answer.spans)
      await delay(20)
    }
  }

  close(): void {
    this.child.kill()
  }
}

export function isGenAi({ attributes }: Span): boolean {
  return Object.keys(attributes).some((name) =>
    /^(?:gen_ai\.(?!conversation)|openinference\.|ai\.operationId)/.test(name),
  )
}
