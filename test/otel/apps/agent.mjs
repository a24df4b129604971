// An agent: POST /chat answers by the model, POST /forward by the agent of `NEXT`. `stream: true` in the body streams the answer.
import { createServer } from 'node:http'
import { listen } from '../../../demo/listen.mjs'

const { answer } = await import(`./${process.env.CLIENT}.mjs`)

async function forward(user, body) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${process.env.NEXT}/chat?user=${user}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return [await response.text()]
}

const server = createServer(async (request, response) => {
  try {
    let text = ''
    for await (const chunk of request) text += chunk
    const { message, stream } = JSON.parse(text)
    const { pathname, searchParams } = new URL(request.url, 'http://agent')
    const parts =
      pathname === '/forward'
        ? await forward(searchParams.get('user'), { message, stream })
        : await answer(message, stream)
    for await (const part of parts) response.write(part)
    response.end()
  } catch (error) {
    console.error(error)
    response.writeHead(500).end(String(error))
  }
})
process.send(await listen(server, 0))
