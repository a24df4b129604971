import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'

/** What the agent got. */
export const bodies = []

/** An agent that answers, and an intake that takes RUM's events. */
export const server = setupServer(
  http.post('https://agent.example.com/chat', async ({ request }) => {
    bodies.push(await request.json())
    return HttpResponse.json({ answer: 'hello' })
  }),
  http.post('https://browser-intake-datadoghq.com/*', () => new HttpResponse(null, { status: 202 })),
)
