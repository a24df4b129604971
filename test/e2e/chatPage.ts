import type { Browser, Page } from 'playwright-core'
import type { Demo, LlmSpan, RumEvent } from '../../demo/startDemo.mjs'

export type Carrier = 'body' | 'query' | 'baggage' | 'trace-tags'
export type Client = 'fetch' | 'XHR' | 'EventSource' | 'WebSocket'

const waitTimeout = 20_000

/** Those of the agent, the model, a tool, and the model again. */
export const SPANS_PER_ANSWER = 4

/** The demo's chat page in a browser context of its own (so: in a RUM session of its own), driven as a person would. */
export class ChatPage {
  private constructor(
    private readonly demo: Demo,
    private readonly page: Page,
    /** Of the page's RUM view; it also sets the questions asked on this page apart from those on others. */
    readonly viewId: string,
  ) {}

  static async open(browser: Browser, demo: Demo, path = '/'): Promise<ChatPage> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await page.goto(demo.url + path)
    await page.locator('#own-session .swatch').waitFor()
    const viewId = await page.evaluate('DD_RUM.getInternalContext().view.id')
    return new ChatPage(demo, page, String(viewId))
  }

  /** Asks by the given carrier and client call, and waits until the answer is complete. */
  async ask(message: string, { carrier, client }: { carrier: Carrier; client: Client }): Promise<void> {
    const composer = this.page.locator('#composer')
    await composer.getByText(carrier, { exact: true }).click()
    await composer.getByText(client, { exact: true }).click()
    await this.page.getByLabel('Message', { exact: true }).fill(message)
    await composer.getByRole('button', { name: 'Send' }).click()
    await this.lastAnswer.and(this.page.locator(':not([aria-busy])')).waitFor()
  }

  get lastAnswer() {
    return this.page.locator('article.answer').last()
  }

  async signInAs(name: string): Promise<void> {
    await this.page.getByLabel('Signed in as').selectOption({ label: name })
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: true })
  }

  card(name: string | RegExp) {
    return this.page.getByRole('article', { name })
  }

  /** The spans of the trace that answered `message`, once all of them have been received. */
  async spansOf(message: string, count = SPANS_PER_ANSWER): Promise<LlmSpan[]> {
    return received(`the spans of "${message}"`, () => {
      const spans = answering(message, this.demo)
      return spans.length >= count ? spans : undefined
    })
  }

  /** The span that recorded a vote on the answer of the given trace. */
  async feedbackOn(traceId: string): Promise<LlmSpan> {
    return received(`feedback on ${traceId}`, () =>
      this.demo.intake.llmSpans.find((span) => span.meta.metadata?.answer_trace_id === traceId),
    )
  }

  /** The RUM session id, from the RUM events that this page has sent; all of them must agree. */
  async rumSessionId(): Promise<string> {
    const events = await received('RUM events', () => {
      const own = this.rumEvents()
      return own.length > 0 ? own : undefined
    })
    const [id, ...others] = new Set(events.map(({ session }) => session.id))
    if (id === undefined || others.length > 0) throw new Error(`RUM sessions: ${[id, ...others].join(', ')}`)
    return id
  }

  /** The RUM resource event of the first call by `client` to the agent's `path`. */
  async rumResource(client: Client, path: string): Promise<RumEvent> {
    const type = client.toLowerCase()
    return received(`the RUM resource event of ${client} ${path}`, () =>
      this.rumEvents().find(({ resource }) => resource?.type === type && new URL(resource.url).pathname === path),
    )
  }

  close(): Promise<void> {
    return this.page.context().close()
  }

  private rumEvents(): RumEvent[] {
    return this.demo.intake.rumEvents.filter(({ view }) => view?.id === this.viewId)
  }
}

/** What `find` finds in the intake, once it is there. */
export async function received<T>(what: string, find: () => T | undefined): Promise<T> {
  const deadline = Date.now() + waitTimeout
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`Not received within ${waitTimeout} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** What has been received so far of the LLM trace that answered `message`. */
export function answering(message: string, { intake: { llmSpans } }: Demo): LlmSpan[] {
  const agent = llmSpans.find((span) => kindOf(span) === 'agent' && span.meta.input?.value === message)
  return llmSpans.filter((span) => span.trace_id === agent?.trace_id)
}

/**
 * The APM trace that LLM spans are part of, as RUM and `x-datadog-trace-id` say it: decimal, of 128 bits the lower 64. All of the spans
 * must be in what has been received of that very trace.
 */
export async function apmTraceOf(spans: LlmSpan[], { intake: { apmTraces } }: Demo): Promise<string> {
  const [id, ...others] = new Set(spans.map(({ _dd }) => String(BigInt.asUintN(64, BigInt(`0x${_dd.apm_trace_id}`)))))
  if (id === undefined || others.length > 0) throw new Error(`APM traces: ${[id, ...others].join(', ')}`)
  await received(`the APM spans of trace ${id}`, () => {
    const ids = new Set(apmTraces.flat().map(({ trace_id, span_id }) => `${trace_id} ${span_id}`))
    return spans.every(({ span_id }) => ids.has(`${id} ${span_id}`)) || undefined
  })
  return id
}

export function kindOf(span: LlmSpan): string | undefined {
  return span.meta['span.kind'] ?? span.meta.span?.kind
}
