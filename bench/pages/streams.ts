import { llmCorrelation } from 'rum-llm-correlation'
import { startRum } from './variants/rumSdk.js'
import { AGENT_ORIGIN } from './variants/session.js'

startRum(location.search === '?plugin' ? { plugins: [llmCorrelation([AGENT_ORIGIN])] } : {})

const body = JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Where is my order?' }] })

/** The milliseconds from the call to the first chunk, and to the end. */
async function stream(path: string): Promise<{ first: number; last: number }> {
  const start = performance.now()
  const response = await fetch(AGENT_ORIGIN + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let first: number | undefined
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    first ??= performance.now() - start
  }
  return { first: first as number, last: performance.now() - start }
}

export type StreamsApi = { stream: typeof stream }
Object.assign(globalThis, { bench: { stream } satisfies StreamsApi })
