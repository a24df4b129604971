import { type OutgoingRequest, USUAL } from '../outgoingRequest.js'
import { ask, type Targets } from '../targets.js'
import { urlOf } from './inputUrl.js'

/**
 * The arguments for a call that has no headers and cannot wait (a beacon, an EventSource, a WebSocket): its URL, and maybe
 * a body. They are those of the page where nothing is to be changed, or where that fails.
 */
export function correlateHeaderless(
  targets: Targets,
  args: unknown[],
  describe: () => Pick<OutgoingRequest, 'method' | 'limit' | 'keepalive' | 'body' | 'bodyType'>,
): unknown[] {
  try {
    const url = urlOf(args[0])
    const target = url === undefined ? undefined : targets.find(url)
    const answer = target && ask(target, (asked) => ({ ...USUAL, ...describe(), url: asked.url, header: () => null }))
    if (answer?.next === 'send') {
      const { url: changedUrl = args[0], body } = answer.changes
      return body === undefined ? [changedUrl, ...args.slice(1)] : [changedUrl, body]
    }
  } catch {
    // The call goes out as the page made it.
  }
  return args
}
