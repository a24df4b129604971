import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { LlmCorrelationOptions } from '../../src/index.js'
import type { PageOptions } from './openPage.js'
import type { TestPage } from './page.js'
import { inPage } from './pageScript.js'
import { servers } from './servers.js'

declare global {
  /** Has RUM start on a page with {@link held} RUM. */
  var letRumStart: () => void
}

/**
 * Longer than any test takes: what goes out with a start that is held back does not wait for it.
 */
export const LONG = 60_000

/**
 * A page whose RUM starts when the test says so. The SDK waits for plugins with an asynchronous
 * `onInit`.
 */
export const held = (options: Partial<LlmCorrelationOptions> = {}): PageOptions => ({
  plugins: inPage(pluginsThatHold, { origins: ['/agent'], startupTimeout: LONG, ...options }),
})

/** In the page: the plugin, and another one that RUM waits for. */
function pluginsThatHold(options: LlmCorrelationOptions): object[] {
  window.plugin = DD_LLM_CORRELATION.llmCorrelation(options)
  const onInit = () =>
    new Promise<void>((resolve) => {
      window.letRumStart = resolve
    })
  return [plugin, { name: 'held', onInit }]
}

export async function startRum(page: TestPage): Promise<string> {
  await page.run(() => letRumStart())
  return page.sessionId()
}

let count = 0
/** A path that an entry takes, and that no other call of the file has. */
export const newPath = () => `/agent/${++count}`

/** Nothing has reached the server by now; what a page sends at once takes a few milliseconds. */
export async function expectNothingSent(...paths: string[]): Promise<void> {
  await delay(150)
  expect(paths.flatMap((path) => servers.site.requestsTo(path))).toEqual([])
}

/**
 * The call has arrived, and nothing was changed of its query and of its body, which is `{"a":1}`.
 */
export async function expectAsMade(path: string): Promise<void> {
  const request = await servers.site.only(path)
  expect([request.query, request.text]).toEqual([undefined, '{"a":1}'])
}
