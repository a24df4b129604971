import type { Problem } from './cors.js'
import type { Call } from './exchange.js'
import type { Journey } from './journey.js'

/** Why the session id of a call does not arrive although the call does; `undefined` if it arrives. */
export function lossOf(call: Call, { last, hops }: Journey, sessionId: string): Problem | undefined {
  if ([last.url, last.body, ...Object.values(last.headers)].some((text) => text?.includes(sessionId))) {
    return undefined
  }
  const { to } = hops.at(-1) ?? {}
  const becameGet = call.body?.includes(sessionId) ? hops.find(({ lostBody }) => lostBody) : undefined
  return becameGet
    ? {
        message: `the redirect (${becameGet.status}) makes a GET of the call, and the id is lost with the body`,
        todo: `Call ${to} itself, answer with 307 or 308, or take carrier: 'baggage'.`,
      }
    : {
        message: `the redirect (${hops[0]?.status}) does not take the query along, and the id is lost with it`,
        todo: `Call ${to} itself, put the query into Location, or take carrier: 'baggage'.`,
      }
}
