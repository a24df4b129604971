import { changedTo } from '../../carriers/added.js'
import { addQueryParam, replaceQueryParam } from '../../carriers/queryParam.js'
import type { Call } from '../call.js'
import type { Entry } from '../entry.js'
import { alreadySet, carried, left, readBody } from '../outcome.js'
import type { Session } from '../session.js'
import { mediaTypeOf } from './mediaType.js'
import { isSigned } from './signature.js'
import type { Strategy } from './strategy.js'

/** Adds a query parameter. It is the last strategy of each chain. */
export const inQuery: Strategy = (call, entry, session) => {
  const { sessionId } = session
  const { body, url } = call
  if (isSigned(call)) {
    return left('signed_request', `the request is signed${otherCarrier(call)}`)
  }
  if (mediaTypeOf(call).isGrpc) {
    return left('grpc', `a gRPC call can carry headers only${otherCarrier(call)}`)
  }
  if (body.kind === 'locked') {
    return left(body.why)
  }
  const renewed = renewedUrl(call, entry, session)
  const added = renewed ? changedTo(renewed) : addQueryParam(url.text, entry.name, sessionId)
  if (added.changed === undefined) {
    return alreadySet('query', entry.field, added.present, sessionId)
  }
  if (body.kind === 'unread-request') {
    // A Request can go to another URL only with a body that has been read.
    return mediaTypeOf(call).isReadable ? readBody('blob') : left('body_not_read')
  }
  return carried('query', { url: added.changed })
}

/**
 * Replaces an id in the URL that the plugin wrote itself for a session that has ended: the page may
 * call `response.url` again. Returns `undefined` if the URL has no such id.
 */
export function renewedUrl({ url }: Call, { name }: Entry, { endedIds, sessionId }: Session): string | undefined {
  return replaceQueryParam(url.text, name, { old: endedIds, value: sessionId })
}

/** Names the carrier that changes neither the URL nor the body, if the call can have headers. */
function otherCarrier({ medium }: Call): string {
  return medium === 'usual' ? ": use carrier: 'baggage'" : ', and this call can have no header'
}
