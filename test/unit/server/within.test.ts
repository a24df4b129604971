// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
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
