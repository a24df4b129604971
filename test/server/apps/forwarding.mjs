// A backend for a frontend that only forwards: it hands the question to the agent's service, and knows of no session.
import { createServer } from 'node:http'
import { listening } from './listening.mjs'

createServer(async (request, response) => {
  const text = Buffer.concat(await request.toArray()).toString()
  const { message } = JSON.parse(text)
  const answer = await fetch(process.env.AGENT_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  })
  response.writeHead(answer.status).end(await answer.text())
}).listen(0, '127.0.0.1', function () {
  listening(this.address().port)
})
