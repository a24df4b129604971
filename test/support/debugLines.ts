import { expect } from 'vitest'
import type { Page } from './openPage.js'
import type { PageCall } from './pageCalls.js'
import { PATIENTLY } from './patiently.js'

/** The console messages of the plugin, and of the RUM SDK. */
export const ofSdk = (messages: string[]) => messages.filter((message) => message.includes('Datadog Browser SDK'))

/** The console messages while the page makes calls one after the other. */
export async function linesOf(page: Page, ...calls: Array<[call: PageCall, url: string]>): Promise<string[]> {
  const before = page.console.length
  for (const [call, url] of calls) {
    await page.run(({ call, url }) => call(url), { call, url })
  }
  await page.run(() => console.info('the end'))
  await expect.poll(() => page.console.at(-1), PATIENTLY).toBe('info: the end')
  return ofSdk(page.console.slice(before))
}
