import { afterAll, beforeAll } from 'vitest'

/**
 * Starts something before the tests of a file or group, and closes it after them.
 *
 * ```ts
 * const demo = running(() => startDemo())
 * test('…', () => fetch(demo().url))
 * ```
 */
export function running<T extends { close(): unknown }>(start: () => Promise<T>): () => T {
  let started: T | undefined
  beforeAll(async () => {
    started = await start()
  })
  afterAll(async () => {
    await started?.close()
  })
  return () => {
    if (started === undefined) {
      throw new Error('It has not been started: it is there for tests, and for what is started after it.')
    }
    return started
  }
}
