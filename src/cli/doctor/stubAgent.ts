import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An LLM span as a tracer sends it. */
export interface LlmSpan {
  readonly name: string
  readonly session_id?: string
}

export interface StubAgent {
  readonly url: string
  readonly spans: readonly LlmSpan[]
  close(): void
}

/** Stands in for Datadog's agent on this machine, and keeps the LLM spans that a tracer sends. */
export async function startStubAgent(): Promise<StubAgent> {
  const spans: LlmSpan[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) {
      chunks.push(chunk as Buffer)
    }
    if (/^\/evp_proxy\/v\d\/api\/v2\/llmobs$/.test(request.url ?? '')) {
      spans.push(...spansIn(Buffer.concat(chunks).toString()))
    }
    const info = { endpoints: ['/v0.4/traces', '/evp_proxy/v2/'] }
    const answer = request.url === '/info' ? info : { rate_by_service: {} }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface Batch {
  readonly event_type?: string
  readonly spans?: readonly LlmSpan[]
}

function spansIn(text: string): readonly LlmSpan[] {
  const batches = [JSON.parse(text)].flat() as Batch[]
  return batches.flatMap(({ event_type, spans }) => (event_type === 'span' ? (spans ?? []) : []))
}
