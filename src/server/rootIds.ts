import { PARENT_ID, TRACE_ID } from '../carriers/traceTags.js'

/**
 * The ids of a new trace. With the parent id 0 the server's first span becomes its root. The trace id is a random number of
 * 63 bits, never 0.
 */
export function newRootIds(): Record<typeof TRACE_ID | typeof PARENT_ID, string> {
  const [random = 0n] = globalThis.crypto.getRandomValues(new BigUint64Array(1))
  return { [TRACE_ID]: (random >> 1n || 1n).toString(), [PARENT_ID]: '0' }
}
