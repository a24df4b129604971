import * as natives from '../../../defence/natives.js'
import { type Init, inheritedMasks, initMembers, othersOf } from './init.js'
import { memberOf } from './read.js'

/**
 * Builds a new Request from a Request and an `init`, and with another URL if one is given.
 *
 * @returns The arguments for `fetch`: the new Request, and an `init` for other libraries.
 */
export function rebuild(request: Request, init: Init, url?: string): [string | Request, Init] {
  const members = url === undefined ? undefined : membersOf(request, init)
  const whole: Init = { __proto__: null, ...init, ...members }
  if (url !== undefined && whole.keepalive && init.body !== undefined) {
    // Firefox drops a File in a Request if the page goes away.
    return [url, whole]
  }
  const rebuilt = new natives.Request(url ?? request, whole as RequestInit)
  return [rebuilt, { ...inheritedMasks(), ...othersOf(init) }]
}

/**
 * The members that a new Request with another URL needs. The body and the referrer are set
 * elsewhere. Browsers drop `targetAddressSpace`.
 */
function membersOf(input: Request, init: Init): Init {
  const members: Init = {}
  for (const name of initMembers()) {
    if (name in input && !/^(body|referrer.*|targetAddressSpace)$/.test(name)) {
      members[name] = memberOf({ input, init }, name as keyof Request)
    }
  }
  return members
}
