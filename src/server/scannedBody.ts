import { memoize } from '../lib/memoize.js'
import { type BodyPaths, takesPath } from './bodyOption.js'
import { type BodyScan, FirstFound } from './bodyScan.js'
import { FormOrJsonScan } from './formOrJsonScan.js'
import { JsonScan } from './jsonScan.js'
import { mediaTypeOf } from './mediaType.js'
import { type InboundHeaders, textOf } from './traceContext.js'

/** A body that may bring a session id, and what looks for it there. */
export interface ScannedBody {
  readonly scan: BodyScan
  /** How many bytes the body has. `undefined` if only its last chunk says so. */
  readonly length: number | undefined
}

interface RequestHead {
  readonly headers: InboundHeaders
  readonly method?: string | undefined
  readonly url?: string | undefined
}

/** The session id alone has that many bytes. */
const MIN_LENGTH = 36

/**
 * What looks for a session id in the body of a request, if that may bring one: that of a POST, PUT or PATCH request, in JSON or
 * `application/x-www-form-urlencoded`, without a `Content-Encoding`.
 *
 * @param fields - The fields that are looked for; a dotted one is a path in JSON, its last part the name of a form field.
 */
export function scannedBodyOf(
  { headers, method = '', url = '' }: RequestHead,
  fields: readonly string[],
  paths: BodyPaths,
): ScannedBody | undefined {
  if (paths.length === 0 || !/^(?:POST|PUT|PATCH)$/.test(method)) {
    return undefined
  }
  const kind = kindOf(textOf(headers, 'content-type'))
  if (!kind || !/^\s*(?:identity\s*)?$/i.test(textOf(headers, 'content-encoding')) || !takesPath(paths, url)) {
    return undefined
  }
  // Node refuses a request that has both headers.
  const isChunked = textOf(headers, 'transfer-encoding') !== ''
  const length = isChunked ? undefined : Number(textOf(headers, 'content-length'))
  if (length !== undefined && !(length > MIN_LENGTH)) {
    return undefined
  }
  return { scan: firstFound(fields.map((field) => scanFor(kind, field))), length }
}

/** How a body is read, by its `Content-Type`. Text that is no JSON object tells so with its first character. */
const kindOf = memoize((contentType): 'json' | 'form' | undefined => {
  const type = mediaTypeOf(contentType)
  if (type === 'application/x-www-form-urlencoded') {
    return 'form'
  }
  return type === 'text/plain' || /^(?:application\/json|[^\s/]+\/[^\s/]+\+json)$/.test(type) ? 'json' : undefined
})

function scanFor(kind: 'json' | 'form', field: string): BodyScan {
  return kind === 'json' ? new JsonScan(field.split('.')) : new FormOrJsonScan(field)
}

function firstFound(scans: readonly BodyScan[]): BodyScan {
  const [scan] = scans
  return scan && scans.length === 1 ? scan : new FirstFound(scans)
}
