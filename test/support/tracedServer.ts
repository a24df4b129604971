import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { startProcess } from '../../demo/agentProcess.mjs'
import { createIntake } from '../../demo/intake.mjs'
import { listen } from '../../demo/listen.mjs'
import { startModel } from '../../demo/model.mjs'
import type { LlmSpan } from '../../demo/received.js'

export const sessionsOf = (spans: Array<LlmSpan | undefined>) => spans.map((span) => span?.session_id)

/** Replaces Datadog and the LLM provider for servers that run under the real tracer. */
export class Datadog {
  static async start(): Promise<Datadog> {
    const intake = createIntake()
    const server = createServer(async (request, response) => {
      if (!(await intake.handle(request, response, new URL(request.url ?? '', 'http://intake')))) {
        response.writeHead(404).end()
      }
    })
    return new Datadog(intake, await listen(server, 0), await startModel({ wordDelay: 1 }), () => {
      server.close()
      server.closeAllConnections()
    })
  }

  private constructor(
    readonly intake: ReturnType<typeof createIntake>,
    private readonly url: string,
    private readonly model: Awaited<ReturnType<typeof startModel>>,
    private readonly closeServer: () => void,
  ) {}

  /**
   * Starts a server with Node.js and these arguments, in the project's root. It must print its URL.
   */
  async startServer(args: string[], env: Record<string, string> = {}): Promise<RunningServer> {
    const { NODE_OPTIONS, ...own } = process.env
    const { url, close } = await startProcess({
      command: process.execPath,
      args,
      intakeUrl: this.url,
      modelUrl: this.model.baseUrl,
      env: { ...own, ...env },
    })
    return new RunningServer(url, close)
  }

  /**
   * The addresses for the tracer and the LLM client of a process that is started in another way.
   */
  get environment(): Record<string, string> {
    return {
      DD_TRACE_AGENT_URL: this.url,
      DD_LLMOBS_ENABLED: '1',
      DD_LLMOBS_ML_APP: 'agent',
      DD_LLMOBS_AGENTLESS_ENABLED: '0',
      _DD_LLMOBS_FLUSH_INTERVAL: '100',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      OPENAI_BASE_URL: this.model.baseUrl,
      OPENAI_API_KEY: 'none',
    }
  }

  /** Waits for so many LLM spans whose input contains the message, and gives them. */
  async llmSpans(message: string, count: number): Promise<LlmSpan[]> {
    return this.eventually(`${count} LLM spans of ${message}`, (all) => {
      const spans = all.filter((span) => JSON.stringify(span.meta).includes(message))
      return spans.length >= count ? spans : undefined
    })
  }

  /** Waits for the workflow span of that name and session. It arrives after its end. */
  async workflow(name: string, sessionId: string): Promise<LlmSpan> {
    return this.eventually(`${name} of ${sessionId}`, (all) =>
      all.find((span) => span.name === name && span.session_id === sessionId && span.meta['span.kind'] === 'workflow'),
    )
  }

  close(): void {
    this.model.close()
    this.closeServer()
  }

  private async eventually<T>(what: string, find: (spans: LlmSpan[]) => T | undefined): Promise<T> {
    const deadline = Date.now() + 20_000
    while (Date.now() < deadline) {
      const found = find(this.intake.llmSpans)
      if (found !== undefined) {
        return found
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`Datadog was not sent: ${what}`)
  }
}

/** A server of `test/server/apps`, under the tracer. */
export class RunningServer {
  constructor(
    readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  /** Calls the server with a new message, which the input of the LLM spans then contains. */
  async call(
    path: string,
    { headers, ...init }: { method?: string; headers?: object | undefined; body?: string | FormData } = {},
  ) {
    const message = randomUUID()
    const response = await fetch(this.url + path, {
      ...init,
      headers: { ...headers, 'x-message': message },
    })
    return { message, response, text: await response.text() }
  }
}
