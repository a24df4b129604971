// @ts-check
import { createServer } from 'node:http'

/**
 * Serves the pages and the intake. It also serves what the intake has received, as JSON or as a
 * live event stream. Through `agent` the page sees whether the agent runs, and starts it again.
 *
 * @param {object} parts
 * @param {import('./intake.mjs').Intake} parts.intake
 * @param {import('./pages.mjs').Pages} parts.pages
 * @param {() => import('./restartableAgent.mjs').RestartableAgent | undefined} parts.agent
 */
export function createWebServer({ intake, pages, agent }) {
  /** @type {Set<import('node:http').ServerResponse>} */
  const streams = new Set()
  const server = createServer(async (request, response) => {
    try {
      await handle(request, response)
    } catch (error) {
      console.error(error)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    }
  })

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async function handle(request, response) {
    const url = new URL(request.url ?? '', 'http://demo')
    if (await intake.handle(request, response, url)) return
    if (url.pathname === '/observability/snapshot') {
      const { rumEvents, llmSpans, apmTraces, feedback } = intake
      response.setHeader('Content-Type', 'application/json')
      return response.end(JSON.stringify({ rumEvents, llmSpans, apmTraces, feedback }))
    }
    if (url.pathname === '/observability/stream') return stream(request, response)
    if (url.pathname === '/agent/restart' && request.method === 'POST') {
      if (request.headers['sec-fetch-site'] !== 'same-origin') return response.writeHead(403).end()
      await agent()?.restart()
      return response.writeHead(204).end()
    }
    const file = await pages(url.pathname)
    if (!file) return response.writeHead(404).end('Not found')
    response.writeHead(200, { 'Content-Type': file.contentType, 'Cache-Control': 'no-cache' }).end(file.body)
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  function stream(request, response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    /** @param {import('./received.js').Received} received */
    const send = (received) => response.write(`data: ${JSON.stringify(received)}\n\n`)
    for (const item of intake.rumEvents) send({ kind: 'rum', item })
    for (const item of intake.llmSpans) send({ kind: 'llm', item })
    for (const item of intake.feedback) send({ kind: 'feedback', item })
    send({ kind: 'agent', item: agent()?.state ?? { running: true } })
    const unsubscribe = intake.subscribe((received) => received.kind !== 'apm' && send(received))
    streams.add(response)
    request.once('close', () => {
      unsubscribe()
      streams.delete(response)
    })
  }

  return {
    server,
    close() {
      for (const response of streams) response.end()
      server.close()
      server.closeAllConnections()
    },
  }
}
