import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Feedback, LlmSpan, RumEvent } from '../../demo/received.js'
import type { Demo } from '../../demo/startDemo.mjs'

export type Carrier = 'body' | 'query' | 'baggage' | 'trace-tags'
export type Client = 'fetch' | 'XHR' | 'EventSource' | 'WebSocket'

const waitTimeout = 20_000

/** Those of the agent, the model, a tool, and the model again. */
export const SPANS_PER_ANSWER = 4

/** What the intake has received of a page. */
export class PageRecords {
  constructor(
    protected readonly demo: Demo,
    /** Of the page's RUM view; it also sets the questions asked on this page apart from those on others. */
    readonly viewId: string,
    /** As the page has it at its start; `rumSessionId` has it from the events that RUM sent. */
    readonly sessionId: string,
  ) {}

  /** The spans of the trace that answered `message`, once all of them have been received. */
  async spansOf(message: string, count = SPANS_PER_ANSWER): Promise<LlmSpan[]> {
    return received(`the spans of "${message}"`, () => {
      const spans = answering(message, this.demo)
      return spans.length >= count ? spans : undefined
    })
  }

  /** The feedback on the answer of the given trace, with the session that it says as a tag. */
  async feedbackOn(traceId: string): Promise<Feedback & { session_id: string | undefined }> {
    const feedback = await received(`feedback on ${traceId}`, () =>
      this.demo.intake.feedback.find(({ trace_id }) => trace_id === traceId),
    )
    const tag = feedback.tags.find((tag) => tag.startsWith('session_id:'))
    return { ...feedback, session_id: tag?.slice('session_id:'.length) }
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

  private rumEvents(): RumEvent[] {
    return this.demo.intake.rumEvents.filter(({ view }) => view?.id === this.viewId)
  }
}

/** The demo's chat page in a browser context of its own (so: in a RUM session of its own), driven as a person would. */
export class ChatPage extends PageRecords {
  private constructor(
    demo: Demo,
    readonly page: Page,
    viewId: string,
    sessionId: string,
  ) {
    super(demo, viewId, sessionId)
  }

  static async open(browser: Browser, demo: Demo, path = '/', options: BrowserContextOptions = {}): Promise<ChatPage> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
    const page = await context.newPage()
    await page.goto(demo.url + path)
    await page.locator('#own-session [data-id]').waitFor()
    const { session_id: sessionId, view } = (await page.evaluate('DD_RUM.getInternalContext()')) as {
      session_id: string
      view: { id: string }
    }
    return new ChatPage(demo, page, view.id, sessionId)
  }

  /** Asks by the given carrier and client call, and waits until the answer is complete. */
  async ask(message: string, { carrier, client }: { carrier: Carrier; client: Client }): Promise<void> {
    await this.send(message, { carrier, client })
    await this.lastAnswer.and(this.page.locator(':not([aria-busy])')).waitFor()
  }

  /** Asks, and waits for nothing. */
  async send(message: string, { carrier, client }: { carrier: Carrier; client: Client }): Promise<void> {
    const composer = this.page.locator('#composer')
    await composer.getByText(carrier, { exact: true }).click()
    await composer.getByText(client, { exact: true }).click()
    await this.page.getByLabel('Message', { exact: true }).fill(message)
    await composer.getByRole('button', { name: 'Send' }).click()
  }

  /** Takes the plugin out of the page, or puts it in again. */
  async choose(mode: 'With the plugin' | 'Without the plugin'): Promise<void> {
    await this.page.getByRole('radio', { name: mode, exact: true }).check()
  }

  /** The last call without or with the plugin, in three steps. */
  lane(mode: 'without' | 'with') {
    const lane = this.page.locator(`.story [data-mode=${mode}]`)
    return { wrote: lane.locator('.wrote'), added: lane.locator('.added'), traced: lane.locator('.traced') }
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

  close(): Promise<void> {
    return this.page.context().close()
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
