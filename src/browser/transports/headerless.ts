import { createRequest, type OutgoingRequest } from '../outgoingRequest.js'
import { ask, type Targets } from '../targets.js'
import { describeBody } from './body.js'
import { urlOf } from './inputUrl.js'

/**
 * The arguments for a call that has no headers and cannot wait (a beacon, an EventSource, a WebSocket): its URL, and maybe
 * a body. They are those of the page where nothing is to be changed, or where that fails.
 */
export function correlateHeaderless(
  targets: Targets,
  args: unknown[],
  method: string,
  headerless: OutgoingRequest['headerless'],
  body?: unknown,
): unknown[] {
  try {
    const target = targets.find(urlOf(args[0]))
    if (target) {
      const { changes } = ask(target, ({ url }) =>
        // As what may go out when the page is gone, and so cannot wait.
        createRequest(method, url, () => null, describeBody(body), headerless, true),
      )
      if (changes.url ?? changes.body) {
        return [changes.url ?? target.url.text, ...(changes.body ? [changes.body] : args.slice(1))]
      }
    }
  } catch {
    // The call goes out as the page made it.
  }
  return args
}
