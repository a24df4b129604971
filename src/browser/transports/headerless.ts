import { askAtOnce } from '../ask.js'
import type { Medium } from '../call.js'
import type { Router } from '../router.js'
import { describeBody } from './body.js'
import { urlOf } from './inputUrl.js'

/** A call of an API that has no headers: its URL comes first, and its body second. */
export interface HeaderlessCall {
  readonly args: unknown[]
  readonly method: string
  readonly medium: Medium
  readonly body: unknown
}

/**
 * The arguments with which a beacon, an EventSource or a WebSocket goes out. Returns the page's own
 * arguments if nothing changes, or if that fails.
 */
export function argumentsWithoutHeaders(router: Router, call: HeaderlessCall): unknown[] {
  const { args, method, medium, body } = call
  try {
    const routes = router.find(urlOf(args[0]))
    if (!routes) {
      return args
    }
    const [{ url }] = routes
    const { changes } = askAtOnce(routes, () => ({
      method,
      url,
      medium,
      header: () => null,
      headerNames: () => [],
      body: describeBody(body),
      // None of these APIs can wait.
      keepalive: true,
      isPartial: false,
    }))
    if (changes.url ?? changes.body) {
      return [changes.url ?? url.text, ...(changes.body ? [changes.body] : args.slice(1))]
    }
  } catch (failure) {
    router.onFailure(failure)
  }
  return args
}
