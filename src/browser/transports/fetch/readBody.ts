import * as natives from '../../../defence/natives.js'
import { isBlob } from '../../../lib/classOf.js'
import type { FetchCall } from './read.js'

/** The body of a call, as far as it has been read. */
export interface ReadBody {
  /** It can go out again: the body of a Request is used up once it is read. */
  readonly blob: Blob
  /** Only there if the decision needs the content. */
  readonly bytes: Uint8Array | undefined
}

/**
 * Reads the body of a call by one step: a Request becomes a Blob, which browsers keep on disk if it
 * is large; a Blob becomes bytes, which take memory.
 */
export async function readFurther({ input, init }: FetchCall, read: ReadBody | undefined): Promise<ReadBody> {
  const blob = read?.blob ?? init.body
  return isBlob(blob)
    ? { blob, bytes: new natives.Uint8Array(await blob.arrayBuffer()) }
    : { blob: await (input as Request).blob(), bytes: undefined }
}
