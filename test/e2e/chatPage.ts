import type { Browser, Page } from 'playwright-core'
import type { Demo, LlmSpan, RumEvent } from '../../demo/startDemo.mjs'

export type Carrier = 'body' | 'query' | 'baggage' | 'trace-tags'
export type Client = 'fetch' | 'XHR' | 'EventSource' | 'WebSocket'

const waitTimeout = 20_000

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

  /** The spans of the trace that answered `message`, once all four have been received: agent, llm, tool, llm. */
  async spansOf(message: string): Promise<LlmSpan[]> {
    return this.received(`the spans of "${message}"`, () => {
      const { llmSpans } = this.demo.intake
      const agent = llmSpans.find((span) => kindOf(span) === 'agent' && span.meta.input?.value === message)
      const spans = llmSpans.filter((span) => span.trace_id === agent?.trace_id)
      return spans.length >= 4 ? spans : undefined
    })
  }

  /** The span that recorded a vote on the answer of the given trace. */
  async feedbackOn(traceId: string): Promise<LlmSpan> {
    return this.received(`feedback on ${traceId}`, () =>
      this.demo.intake.llmSpans.find((span) => span.meta.metadata?.answer_trace_id === traceId),
    )
  }

  /** The RUM session id, from the RUM events that this page has sent; all of them must agree. */
  async rumSessionId(): Promise<string> {
    const events = await this.received('RUM events', () => {
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
    return this.received(`the RUM resource event of ${client} ${path}`, () =>
      this.rumEvents().find(({ resource }) => resource?.type === type && new URL(resource.url).pathname === path),
    )
  }

  close(): Promise<void> {
    return this.page.context().close()
  }

  private rumEvents(): RumEvent[] {
    return this.demo.intake.rumEvents.filter(({ view }) => view?.id === this.viewId)
  }

  private async received<T>(what: string, find: () => T | undefined): Promise<T> {
    const deadline = Date.now() + waitTimeout
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (Date.now() > deadline) throw new Error(`Not received within ${waitTimeout} ms: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

export function kindOf(span: LlmSpan): string | undefined {
  return span.meta['span.kind'] ?? span.meta.span?.kind
}
