// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

// All that is needed of a page: a document for each mutant would take minutes.
const page = new EventTarget()

// The sources take the timers from the global object when they are loaded.
beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.resetModules()
})
afterEach(() => vi.useRealTimers())

async function start(timeout: number) {
  const { createStartup } = await import('../../../../src/browser/rum/startup.js')
  const startup = createStartup(timeout)
  const onEnd = vi.fn()
  startup.pending()?.then(onEnd)
  return { startup, onEnd, isPending: () => startup.pending() !== undefined }
}

describe('the wait for RUM', () => {
  it('ends when RUM has started', async () => {
    const { startup, onEnd, isPending } = await start(500)
    await vi.advanceTimersByTimeAsync(300)
    expect([isPending(), onEnd.mock.calls.length]).toEqual([true, 0])
    startup.end()
    expect(isPending()).toBe(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(onEnd).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
    startup.end()
  })

  it('ends after its time', async () => {
    const { onEnd, isPending } = await start(500)
    await vi.advanceTimersByTimeAsync(499)
    expect([isPending(), onEnd.mock.calls.length]).toEqual([true, 0])
    await vi.advanceTimersByTimeAsync(1)
    expect([isPending(), onEnd.mock.calls.length]).toEqual([false, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has its time counted in turns, of which a blocked main thread uses up one', async () => {
    const { isPending } = await start(500)
    vi.setSystemTime(Date.now() + 10_000)
    await vi.advanceTimersToNextTimerAsync()
    expect(isPending()).toBe(true)
  })

  it('is none without time', async () => {
    const { isPending } = await start(0)
    expect(isPending()).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends when the page goes', async () => {
    const { onEnd, isPending } = await start(500)
    page.dispatchEvent(new Event('pagehide'))
    expect(isPending()).toBe(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(onEnd).toHaveBeenCalledTimes(1)
  })
})
