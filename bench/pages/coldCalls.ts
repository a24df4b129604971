import type { CallsApi } from './calls.js'

const { bench } = globalThis as unknown as { bench: CallsApi }

/** Microseconds that the very first calls of a page take. */
Object.assign(globalThis, {
  cold: {
    'not matching': bench.run('fetch absolute new', 1) * 1000,
    matching: bench.run('fetch matching', 1) * 1000,
    'matching again': bench.run('fetch matching', 1) * 1000,
  },
})
