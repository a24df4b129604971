import * as natives from '../../../defence/natives.js'
import { isRequest } from '../../../lib/classOf.js'

/** The body of a call, as far as it has been read. */
export interface ReadBody {
  /** It can go out with another URL. */
  readonly blob: Blob
  /** Only there if the decision needs the content. */
  readonly bytes: Uint8Array | undefined
}

/**
 * Reads a body by one step: a Request becomes a Blob, which browsers keep on disk if it is large; a
 * Blob becomes bytes, which take memory. A copy of the Request is read: if that fails, the Request
 * itself can still go out.
 */
export async function readFurther(source: Blob | Request): Promise<ReadBody> {
  return isRequest(source)
    ? { blob: await source.clone().blob(), bytes: undefined }
    : { blob: source, bytes: new natives.Uint8Array(await source.arrayBuffer()) }
}
