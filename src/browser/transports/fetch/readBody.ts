import * as natives from '../../../defence/natives.js'
import { isRequest } from '../../../lib/classOf.js'

/** The body of a call, as far as it has been read. */
export interface ReadBody {
  /** It can go out again. The body of a Request is used up once it is read. */
  readonly blob: Blob
  /** Only there if the decision needs the content. */
  readonly bytes: Uint8Array | undefined
}

/**
 * Reads a body by one step: a Request becomes a Blob, which browsers keep on disk if it is large; a
 * Blob becomes bytes, which take memory.
 */
export async function readFurther(source: Blob | Request): Promise<ReadBody> {
  return isRequest(source)
    ? { blob: await source.blob(), bytes: undefined }
    : { blob: source, bytes: new natives.Uint8Array(await source.arrayBuffer()) }
}
