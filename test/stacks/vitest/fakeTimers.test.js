import { expect, it, vi } from 'vitest'
import { ask } from './ask.js'

it('fake timers from before the package is loaded hold nothing back without a startup timeout', async () => {
  // RUM, which would end the wait, does not start.
  vi.stubGlobal('ResizeObserver', undefined)
  vi.useFakeTimers()
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => Response.json({ answer: 'stub' })),
  )
  const { startRum } = await import('./rum.js')
  startRum({ startupTimeout: 0 })
  expect(await ask('hi')).toBe('stub')
})
