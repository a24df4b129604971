import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { bodies, server } from './agent.js'
import { ask } from './ask.js'
import { sessionId, startRum } from './rum.js'

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' })
  startRum()
})
afterAll(() => server.close())

it('the call that waits for RUM has the session', async () => {
  expect(await ask('hi')).toBe('hello')
  expect(bodies).toEqual([{ session_id: sessionId(), message: 'hi' }])
  expect(sessionId()).toMatch(/^[0-9a-f-]{36}$/)
})

it('a stub made afterwards gets the call as the code made it', async () => {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => Response.json({ answer: 'stub' })),
  )
  expect(await ask('hi')).toBe('stub')
  expect(fetch.mock.calls[0][1].body).toBe('{"message":"hi"}')
  vi.unstubAllGlobals()
})

it('with the stub gone, calls have the session again', async () => {
  await ask('again')
  expect(bodies.at(-1)).toEqual({ session_id: sessionId(), message: 'again' })
})

it('fake timers made afterwards hold nothing back', async () => {
  vi.useFakeTimers()
  expect(await ask('hi')).toBe('hello')
  vi.useRealTimers()
})
