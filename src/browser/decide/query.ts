import { addQueryParam } from '../../carriers/queryParam.js'
import type { Call } from '../call.js'
import { alreadySet, carried, left, READ_BODY } from '../outcome.js'
import { mediaTypeOf } from './mediaType.js'
import { isSigned } from './signature.js'
import type { Strategy } from './strategy.js'

/** Adds a query parameter. It is the last strategy of each chain. */
export const inQuery: Strategy = (call, entry, { sessionId }) => {
  const { body, url } = call
  if (isSigned(call)) {
    return left('signed_request', `a signed request cannot be changed${otherCarrier(call)}`)
  }
  if (mediaTypeOf(call).isGrpc) {
    return left('grpc', `a gRPC call has no place for a field or a parameter${otherCarrier(call)}`)
  }
  if (body.kind === 'locked') {
    return left(body.why)
  }
  const added = addQueryParam(url.text, entry.name, sessionId)
  if (added.changed === undefined) {
    return alreadySet('query', entry.field, added.present, sessionId)
  }
  if (body.kind === 'unread-request') {
    // A Request can go to another URL only with a body that has been read.
    return mediaTypeOf(call).isReadable ? READ_BODY : left('body_not_read')
  }
  return carried('query', { url: added.changed })
}

/** Names the carrier that changes neither the URL nor the body, if the call can have headers. */
function otherCarrier({ medium }: Call): string {
  return medium === 'usual' ? ": use carrier: 'baggage'" : ', and this call can have no header'
}
