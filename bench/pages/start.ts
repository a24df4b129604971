import { datadogRum } from '@datadog/browser-rum'
import { llmCorrelation } from 'rum-llm-correlation'

const AGENT = 'https://agent.example.com'
const INIT = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"stream":true}' }
const millis: Record<string, number> = {}

function time<T>(name: string, run: () => T): T {
  const start = performance.now()
  const result = run()
  millis[name] = performance.now() - start
  return result
}

const plugin = time('llmCorrelation()', () => llmCorrelation({ origins: [AGENT, '/api/chat'] }))
const { onInit } = plugin
plugin.onInit = (options) => time('onInit', () => onInit(options))
time('datadogRum.init, all of it', () =>
  datadogRum.init({
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    service: 'bench',
    sessionSampleRate: 100,
    telemetrySampleRate: 0,
    proxy: '/rum-intake',
    plugins: [plugin],
  }),
)

// A call in the same task waits for RUM's session. It ends when the call reaches the network.
const start = performance.now()
const { arrivals } = globalThis as unknown as { arrivals: Array<{ url: string; at: number }> }
fetch(`${AGENT}/first`, INIT)

/** Calls of a page that has just started. The engine has not optimized anything yet. */
async function result(): Promise<Record<string, number>> {
  while (!datadogRum.getInternalContext()?.session_id || !arrivals.some(({ url }) => url.endsWith('/first'))) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  millis['wait of a matching call made right after init'] =
    (arrivals.find(({ url }) => url.endsWith('/first'))?.at ?? Number.NaN) - start
  return millis
}

Object.assign(globalThis, { result })
