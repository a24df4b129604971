import * as natives from '../../../defence/natives.js'
import { isBlob } from '../../../lib/classOf.js'
import type { BodyNeeded } from '../../outcome.js'
import type { FetchCall } from './read.js'

/** The body of a call, as far as it has been read. */
export interface ReadBody {
  /** It can go out with another URL. */
  readonly blob: Blob
  /** Only there if the decision needs the content. */
  readonly bytes: Uint8Array | undefined
}

/** Reads the body of a call: a Blob in its `init`, or else that of its Request. */
export async function readBody({ input, init }: FetchCall, as: BodyNeeded['as']): Promise<ReadBody> {
  // A copy of the Request is read: if that fails, the Request itself can still go out.
  const blob = isBlob(init.body) ? init.body : await (input as Request).clone().blob()
  return { blob, bytes: as === 'bytes' ? new natives.Uint8Array(await blob.arrayBuffer()) : undefined }
}
