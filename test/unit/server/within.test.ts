// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { within } from '../../../src/server/within.js'

type Enter = (handler: () => unknown) => unknown
const fails = () => {
  throw new Error('of the tracer')
}

const ENTERS: Array<[string, Enter]> = [
  ['runs it', (handler) => handler()],
  ['runs it twice', (handler) => [handler(), handler()]],
  ['runs it and throws', (handler) => [handler(), fails()]],
  ['throws at once', fails],
  [
    'swallows what it throws',
    (handler) => {
      try {
        handler()
      } catch {}
    },
  ],
  [
    'throws something else instead',
    (handler) => {
      try {
        handler()
      } catch {
        fails()
      }
    },
  ],
  ['does not run it', () => 'something else'],
  ['runs it later', (handler) => void Promise.resolve().then(handler)],
]

it('a handler runs within what runs it', () => {
  const log: string[] = []
  within(
    (handler) => {
      log.push('in')
      handler()
      log.push('out')
    },
    () => log.push('handler'),
  )
  expect(log).toEqual(['in', 'handler', 'out'])
})

describe.each(ENTERS)('a handler within what %s', (_name, enter) => {
  it('runs once, and what it returns comes out', async () => {
    const handler = vi.fn(() => 'value')
    expect(within(enter, handler)).toBe('value')
    await new Promise((resolve) => setTimeout(resolve))
    expect(handler).toHaveBeenCalledTimes(1)
  })

  it('runs once, and what it throws comes out', () => {
    for (const error of [new Error('of the handler'), undefined]) {
      const handler = vi.fn(() => {
        throw error
      })
      let thrown: unknown = 'nothing'
      try {
        within(enter, handler)
      } catch (caught) {
        thrown = caught
      }
      expect(thrown).toBe(error)
      expect(handler).toHaveBeenCalledTimes(1)
    }
  })
})

describe('a promise', () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  // The test runner has a listener of its own, which would fail the test.
  const others = process.listeners('unhandledRejection')
  beforeEach(() => {
    unhandled.length = 0
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
  })
  afterEach(() => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of others) {
      process.on('unhandledRejection', listener)
    }
  })
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5))
  const ofTheTracer = () => Promise.reject(new Error('of the tracer'))

  it.each<[string, Enter]>([
    ['runs the handler', (handler) => [handler(), ofTheTracer()][1]],
    ['does not run it', ofTheTracer],
    ['runs it later', () => settled().then(ofTheTracer)],
    [
      'throws when its promise is read',
      (handler) => {
        handler()
        return Object.defineProperty({}, 'then', { get: fails })
      },
    ],
  ])('of what %s may reject without any harm', async (_name, enter) => {
    expect(within(enter, () => 'value')).toBe('value')
    await settled()
    await settled()
    expect(unhandled).toEqual([])
  })

  it('of the handler that rejects is still unhandled if nobody handles it', async () => {
    const error = new Error('of the handler')
    within(
      (handler) => handler(),
      () => Promise.reject(error),
    )
    await settled()
    expect(unhandled).toEqual([error])
  })

  it('that calls the handler when it has thrown does not reject', async () => {
    const later = (handler: () => unknown) => settled().then(() => [handler()])
    expect(() => within((handler) => void later(handler), fails)).toThrow('of the tracer')
    await settled()
    await settled()
    expect(unhandled).toEqual([])
  })

  it('of the handler that rejects is handled by its caller alone', async () => {
    const promise = within(
      (handler) => (handler() as Promise<unknown>).then((value) => value),
      () => Promise.reject(new Error('of the handler')),
    )
    await expect(promise).rejects.toThrow('of the handler')
    await settled()
    expect(unhandled).toEqual([])
  })

  it('of the handler that begins its work when it is awaited is not begun', async () => {
    const then = vi.fn()
    within(
      (handler) => handler(),
      () => ({ then }),
    )
    await settled()
    expect(then).not.toHaveBeenCalled()
  })
})
