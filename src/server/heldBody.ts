import { attempt } from './attempt.js'
import type { ScannedBody } from './scannedBody.js'

/** How many bytes of a body are looked at. */
const MAX_BYTES = 65_536

/** How long a body is waited for, in milliseconds. */
const MAX_WAIT = 1000

// As they are when the package is loaded: tests of an app may replace the timers.
const { setTimeout, clearTimeout } = globalThis

/** What is used of Node's `IncomingMessage`. */
export interface HeldMessage {
  push(...args: unknown[]): boolean
  once(event: 'close', listener: () => void): unknown
  removeListener(event: 'close', listener: () => void): unknown
}

/**
 * Looks at the body of a request as Node's parser pushes it into the request's stream. It stops when
 *
 * - the session is known,
 * - the body has ended, or enough of it has been looked at,
 * - Node's stream takes no more before somebody reads it,
 * - the client has gone away, or the time is over.
 *
 * It does not read the stream. Some frameworks refuse a stream that was read, even if its chunks were put back.
 *
 * @param onKnown - Is called once, possibly while a part of the body is being pushed.
 * @returns `true`, when it has begun.
 */
export function watchBody(request: HeldMessage, { scan, length }: ScannedBody, onKnown: () => void): true {
  const { push } = request
  let seen = 0
  let isKnown = false

  function settle() {
    if (!isKnown) {
      isKnown = true
      clearTimeout(timer)
      request.removeListener('close', settle)
      // To delete the property would take the engine longer than all the rest.
      request.push = push
      onKnown()
    }
  }

  function look(chunk: unknown, takesMore: boolean) {
    if (!(chunk instanceof Uint8Array)) {
      scan.end()
      settle()
      return
    }
    scan.read(seen + chunk.length > MAX_BYTES ? chunk.subarray(0, MAX_BYTES - seen) : chunk)
    seen += chunk.length
    // The end is pushed right behind the last byte. If it has come, the listeners of a handler run in its async context.
    if (seen !== length && (scan.isDone || !takesMore || seen >= MAX_BYTES)) {
      settle()
    }
  }

  Object.defineProperty(request, 'push', {
    value(this: HeldMessage, ...args: unknown[]) {
      const takesMore = Reflect.apply(push, this, args)
      if (!isKnown) {
        attempt(() => look(args[0], takesMore))
      }
      return takesMore
    },
    configurable: true,
    writable: true,
  })
  const timer = setTimeout(settle, MAX_WAIT)
  timer.unref()
  request.once('close', settle)
  return true
}
