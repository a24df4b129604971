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
  describe: () => Partial<OutgoingRequest> & Pick<OutgoingRequest, 'method'>,
): unknown[] {
  try {
    const target = targets.find(urlOf(args[0]))
    if (target) {
      const { url } = target
      const { changes } = ask(target, () => ({ ...USUAL, ...describe(), url, header: () => null }))
      return [changes.url ?? url.text, ...(changes.body === undefined ? args.slice(1) : [changes.body])]
    }
  } catch {
    // The call goes out as the page made it.
  }
  return args
}
