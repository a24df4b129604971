// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

// All that is needed of a page: a document for each mutant would take minutes.
const page = new EventTarget()
const tab = { hidden: false }

// The sources take the timers from the global object when they are loaded.
beforeEach(() => {
  vi.useFakeTimers()
  tab.hidden = false
  vi.stubGlobal('document', tab)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.resetModules()
})
afterEach(() => vi.useRealTimers())

async function start(timeout: number, isDone = () => false) {
  const { createSessionWait } = await import('../../../../src/browser/rum/sessionWait.js')
  const wait = createSessionWait(timeout, isDone)
  const onEnd = vi.fn()
  wait.until(false).then(onEnd)
  return { wait, onEnd, isOver: wait.isOver, ended: () => [wait.isOver(), onEnd.mock.calls.length] }
}

/** The clock goes on, and no timer runs: the main thread is blocked. */
const block = (millis: number) => {
  const now = performance.now() + millis
  vi.spyOn(performance, 'now').mockImplementation(() => now)
}

describe('the wait for a session', () => {
  it('ends when it is told to', async () => {
    const { wait, ended } = await start(500)
    await vi.advanceTimersByTimeAsync(300)
    expect(ended()).toEqual([false, 0])
    wait.end()
    expect(wait.isOver()).toBe(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(ended()).toEqual([true, 1])
    expect(vi.getTimerCount()).toBe(0)
    wait.end()
  })

  it('ends after its time', async () => {
    const { ended } = await start(500)
    await vi.advanceTimersByTimeAsync(499)
    expect(ended()).toEqual([false, 0])
    await vi.advanceTimersByTimeAsync(1)
    expect(ended()).toEqual([true, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends as soon as there is nothing to wait for', async () => {
    let isDone = false
    const { ended } = await start(500, () => isDone)
    await vi.advanceTimersByTimeAsync(100)
    isDone = true
    await vi.advanceTimersByTimeAsync(50)
    expect(ended()).toEqual([true, 1])
  })

  it('is short for a call that asks for that: a fifth, from then on', async () => {
    const { wait, ended } = await start(500)
    await vi.advanceTimersByTimeAsync(60)
    const onEnd = vi.fn()
    wait.until(true).then(onEnd)
    await vi.advanceTimersByTimeAsync(30)
    expect(onEnd).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(70)
    expect(onEnd).toHaveBeenCalledTimes(1)
    expect(ended()).toEqual([false, 0])
  })

  it('has its time counted in turns, of which a blocked main thread uses up one', async () => {
    const { isOver } = await start(500)
    block(1400)
    await vi.advanceTimersToNextTimerAsync()
    expect(isOver()).toBe(false)
  })

  it('ends soon after three times its time, so that RUM has its turn', async () => {
    const { isOver } = await start(500)
    block(10_000)
    await vi.advanceTimersByTimeAsync(200)
    expect(isOver()).toBe(false)
    await vi.advanceTimersByTimeAsync(50)
    expect(isOver()).toBe(true)
  })

  it('has its time counted by the clock in a hidden tab', async () => {
    const { isOver } = await start(500)
    tab.hidden = true
    await vi.advanceTimersToNextTimerAsync()
    expect(isOver()).toBe(false)
    block(500)
    await vi.advanceTimersToNextTimerAsync()
    expect(isOver()).toBe(true)
  })

  it('is none without time', async () => {
    const { isOver } = await start(0)
    expect(isOver()).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends when the page goes', async () => {
    const { ended } = await start(500)
    page.dispatchEvent(new Event('pagehide'))
    await vi.advanceTimersByTimeAsync(0)
    expect(ended()).toEqual([true, 1])
  })
})
