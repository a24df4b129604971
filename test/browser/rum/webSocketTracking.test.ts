import { expect, it } from 'vitest'
import { openPage } from '../../support/openPage.js'
import { flushRum } from '../../support/page.js'
import { servers } from '../../support/servers.js'

/**
 * In the page: opens a connection, has a text echoed, and closes it. Gives what the page sees of
 * the constructor.
 */
async function converse({ url }: { url: string }): Promise<unknown[]> {
  const socket = new WebSocket(url, ['chat'])
  await new Promise((resolve) => {
    socket.onopen = () => socket.send('hello')
    socket.onmessage = resolve
  })
  await new Promise((resolve) => {
    socket.onclose = resolve
    socket.close(1000, 'done')
  })
  return [
    socket instanceof WebSocket,
    socket.constructor === WebSocket,
    WebSocket.prototype.constructor === WebSocket,
    WebSocket.OPEN,
  ]
}

it("RUM's own tracking of WebSockets keeps working on a connection that carries the session id", async () => {
  const page = await openPage({ plugin: ['/agent'], init: { betaTrackWebSockets: true } })
  const id = await page.sessionId()
  const path = '/agent/tracked-socket'
  const url = servers.site.origin.replace('http', 'ws') + path
  expect(await page.run(converse, { url })).toEqual([true, true, true, 1])
  expect((await page.server.only(path)).query).toBe(`session_id=${id}`)

  await flushRum(page)
  const tracked = () =>
    servers.site.rumEvents.filter(({ vital }) => vital?.type === 'websocket' && JSON.stringify(vital).includes(path))
  await expect.poll(() => tracked().length, { timeout: 10_000 }).toBeGreaterThan(0)
  expect(tracked().map(({ vital }) => vital?.name)).toContain('websocket_closed')
  expect(page.errors).toEqual([])
  await page.close()
})
