import 'rum-llm-correlation/register'
import { register, rumSession, rumSessionOf } from 'rum-llm-correlation/server'

const stop: () => void = register({ field: 'session_id' })
stop()

const request = { headers: { baggage: 'session.id=1' }, url: '/chat' }
export const id: string | undefined = rumSessionOf(request, '{}').sessionId

export const middleware = (llmobs: Parameters<typeof rumSession>[0]) => rumSession(llmobs, { field: 'session_id' })

// @ts-expect-error There is no such option.
register({ feild: 'session_id' })
