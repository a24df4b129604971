// @vitest-environment node
import { expect, it, vi } from 'vitest'
import { type BodyScan, FirstFound } from '../../../src/server/bodyScan.js'

const scan = (sessionId: string | undefined, isDone = sessionId !== undefined): BodyScan => ({
  sessionId,
  isDone,
  read: vi.fn(),
  end: vi.fn(),
})

it.each<[scans: BodyScan[], sessionId: string | undefined, isDone: boolean]>([
  [[scan(undefined), scan(undefined)], undefined, false],
  [[scan(undefined, true), scan(undefined)], undefined, false],
  [[scan(undefined, true), scan(undefined, true)], undefined, true],
  [[scan('a'), scan(undefined)], 'a', true],
  [[scan(undefined), scan('b')], 'b', true],
  [[scan('a'), scan('b')], 'a', true],
  [[scan(undefined, true), scan('b', false)], 'b', true],
])('of several scans, the first session counts: %#', (scans, sessionId, isDone) => {
  const first = new FirstFound(scans)
  expect(first.sessionId).toBe(sessionId)
  expect(first.isDone).toBe(isDone)
})

it('each scan gets each part, and the end', () => {
  const scans = [scan(undefined), scan('b')]
  const first = new FirstFound(scans)
  const bytes = new Uint8Array(1)
  first.read(bytes)
  first.end()
  for (const { read, end } of scans) {
    expect(read).toHaveBeenCalledExactlyOnceWith(bytes)
    expect(end).toHaveBeenCalledOnce()
  }
})
