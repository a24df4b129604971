// Functions and values for pages: a test hands them over as arguments. They refer to nothing outside themselves.

/** A value that the compiler lets a page use in any way: for calls that it would refuse. */
// biome-ignore lint/suspicious/noExplicitAny: what it would refuse is what such a test is about
export type Unchecked = any

/** A value whose conversion to a text throws. */
export const throwing = {
  toString(): string {
    throw new RangeError('on purpose')
  },
} as Unchecked

/** What a call did, when, and with which words, as data. */
export async function outcome(make: () => unknown): Promise<unknown> {
  const describe = (error: unknown) => {
    if (!(error instanceof Error || error instanceof DOMException)) {
      return ['thrown', String(error)]
    }
    if (error instanceof ReferenceError) {
      // A name that the page does not have: the test is wrong, in both pages alike.
      throw error
    }
    const { name } = error.constructor
    const isOfThisRealm = error.constructor === Reflect.get(window, name)
    return [isOfThisRealm ? name : 'of another realm', error.name, error.message.replace(/[?&]session_id=[^&]*/, '')]
  }
  let promise: unknown
  try {
    promise = make()
  } catch (error) {
    return { throws: describe(error) }
  }
  if (!(promise instanceof Promise)) {
    return { returns: promise === undefined ? 'undefined' : promise }
  }
  // Rejections of bad arguments come within microtasks; the number of turns until then is there for a page to see.
  let turns = 0
  let isSettled = false
  const settled = promise
    .then(
      (response) => ({
        status: response.status,
        type: response.type,
        redirected: response.redirected,
        isResponse: response.constructor === Response,
      }),
      (error) => ({ rejects: describe(error), turns: turns < 50 ? turns : 'many' }),
    )
    .finally(() => {
      isSettled = true
    })
  while (!isSettled && turns < 50) {
    turns++
    await undefined
  }
  return settled
}

/** What a call with a new XHR did: its outcome, the events with their states, and what the XHR is afterwards. */
export async function xhrOutcome(
  make: (xhr: XMLHttpRequest) => unknown,
  { outcome, engine }: { outcome: (make: () => unknown) => Promise<unknown>; engine: string },
): Promise<unknown> {
  const xhr = new XMLHttpRequest()
  const log: string[] = []
  for (const type of ['readystatechange', 'loadstart', 'load', 'loadend', 'error', 'abort', 'timeout']) {
    xhr.addEventListener(type, () => {
      const entry = `${type} ${xhr.readyState}`
      // Firefox now and then tells twice of a state.
      if (engine !== 'firefox' || log.at(-1) !== entry) {
        log.push(entry)
      }
    })
  }
  const result = await outcome(() => make(xhr))
  const isUnderWay = xhr.readyState > 0 && xhr.readyState < 4 && log.some((entry) => entry.startsWith('loadstart'))
  if (isUnderWay) {
    await new Promise((resolve) => xhr.addEventListener('loadend', resolve))
  }
  return { result, log, readyState: xhr.readyState, status: xhr.status, own: Reflect.ownKeys(xhr).map(String) }
}
