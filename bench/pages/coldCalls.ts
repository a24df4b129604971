import type { CallsApi } from './calls.js'

const { bench } = globalThis as unknown as { bench: CallsApi }

/** The microseconds of a page's very first calls. */
Object.assign(globalThis, {
  cold: {
    'not matching': bench.run('fetch absolute new', 1) * 1000,
    matching: bench.run('fetch matching', 1) * 1000,
    'matching again': bench.run('fetch matching', 1) * 1000,
  },
})
