import { expect, it } from 'vitest'
import { openPage } from '../../support/openPage.js'
import { RUM_SDKS } from '../../support/rumSdks.js'

// RUM renews a session that has ended some milliseconds after a click. The calls that were made in that click had no id.

let count = 0

/** In the page: makes a call with each click, by `fetch(url)`, a Request and with a signal. */
function callOnClick({ path }: { path: string }): void {
  addEventListener('click', () => {
    const { signal } = new AbortController()
    const made = performance.now()
    const calls = [fetch(`${path}/url`), fetch(new Request(`${path}/request`)), fetch(`${path}/signal`, { signal })]
    Promise.all(calls).then(() => Object.assign(window, { took: performance.now() - made }))
  })
}

it.each(RUM_SDKS)('RUM SDK $version: calls made in the click that renews a session carry its id', async ({ rum }) => {
  const path = `/agent/renewed/${++count}`
  const page = await openPage({ sdk: rum, plugin: ['/agent'] })
  const first = await page.sessionId()
  await page.run(() => DD_RUM.stopSession())
  await page.waitFor('!DD_RUM.getInternalContext()')
  await page.run(callOnClick, { path })
  await page.click()
  const requests = await Promise.all(['url', 'request', 'signal'].map((call) => page.server.only(`${path}/${call}`)))
  const id = await page.sessionId()
  expect(id).not.toBe(first)
  expect(requests.map(({ query }) => query)).toEqual(Array(3).fill(`session_id=${id}`))
  await page.close()
})

it('a session that nothing renews delays the first call after a click, by a tenth of a second', async () => {
  const path = `/agent/renewed/${++count}`
  const page = await openPage({ plugin: ['/agent'] })
  await page.sessionId()
  await page.click()
  await page.run(() => {
    DD_RUM.stopSession()
  })
  await page.waitFor('!DD_RUM.getInternalContext()')
  const times = await page.run(
    async ({ path }) => {
      const times: number[] = []
      for (const call of [1, 2, 3]) {
        const made = performance.now()
        await fetch(`${path}/${call}`)
        times.push(performance.now() - made)
      }
      return times
    },
    { path },
  )
  for (const call of [1, 2, 3]) {
    expect((await page.server.only(`${path}/${call}`)).query).toBeUndefined()
  }
  expect(times[0]).toBeGreaterThan(90)
  expect(Math.max(...times)).toBeLessThan(1000)
  await page.close()
})
