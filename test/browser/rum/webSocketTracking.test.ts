import { expect, it } from 'vitest'
import { flushRum } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

it("RUM's own tracking of WebSockets keeps working on a connection that carries the session id", async () => {
  const page = await stage.open({ correlation: `['/agent']`, init: 'betaTrackWebSockets: true' })
  const id = await page.sessionId()
  const path = '/agent/tracked-socket'
  const shape = await page.evaluate<unknown[]>(`(async () => {
    const socket = new WebSocket('${stage.site.origin.replace('http', 'ws')}${path}', ['chat'])
    await new Promise((resolve) => {
      socket.onopen = () => socket.send('hello')
      socket.onmessage = resolve
    })
    await new Promise((resolve) => {
      socket.onclose = resolve
      socket.close(1000, 'done')
    })
    return [socket instanceof WebSocket, socket.constructor === WebSocket, WebSocket.prototype.constructor === WebSocket, WebSocket.OPEN]
  })()`)
  expect(shape).toEqual([true, true, true, 1])
  expect((await stage.site.only(path)).query).toBe(`session_id=${id}`)

  await flushRum(page)
  const tracked = () =>
    stage.site.rumEvents.filter(({ vital }) => vital?.type === 'websocket' && JSON.stringify(vital).includes(path))
  await expect.poll(() => tracked().length, { timeout: 10_000 }).toBeGreaterThan(0)
  expect(tracked().map(({ vital }) => vital?.name)).toContain('websocket_closed')
  expect(page.errors).toEqual([])
  await page.close()
})
