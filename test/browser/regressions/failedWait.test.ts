import { expect, it } from 'vitest'
import { freePort } from '../../support/freePort.js'
import { openPage } from '../../support/openPage.js'

// A call that waited and failed made an `unhandledrejection`, and so a RUM error without a frame of the page. RUM alone makes none.

/** In the page: makes calls that fail, which nobody handles, and gives the rejections that the page hears of. */
async function failures({ url }: { url: string }): Promise<string[]> {
  const unhandled: string[] = []
  addEventListener('unhandledrejection', ({ reason }) => unhandled.push(String(reason)))
  const json = new Blob(['{"a":1}'], { type: 'application/json' })
  const calls = [
    () => fetch(url),
    () => fetch(new Request(url, { method: 'POST', body: '{"a":1}' })),
    () => fetch(url, { method: 'POST', body: json }),
    () => fetch(url, { method: 'POST', body: json, signal: AbortSignal.timeout(5) }),
    () => fetch(url, { method: 'a b' }),
  ]
  for (const call of calls) {
    call()
  }
  await new Promise((resolve) => setTimeout(resolve, 1500))
  return unhandled
}

it.each(['while RUM starts', 'once it has started'])(
  '%s, a failed call is as silent as without the plugin',
  async (when) => {
    const url = `http://127.0.0.1:${await freePort()}/agent`
    const page = await openPage({ plugin: [/agent/] })
    if (when === 'once it has started') {
      await page.sessionId()
      await (await page.twin()).sessionId()
    }
    expect(await page.expectSame(failures, { url })).toEqual([])
    await page.close()
  },
)
