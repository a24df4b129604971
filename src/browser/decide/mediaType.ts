import type { Call, CallBody } from '../call.js'

/** A media type that can take a field, by what the text is: JSON, pairs, or any text. */
export type TextKind = 'json' | 'pairs' | 'plain'

/** What the media type of a body says about the ways to add the session id. */
export interface MediaType {
  /** `undefined`: no field can be added to a body of this type. */
  readonly textKind: TextKind | undefined
  /**
   * Whether the body of a Request is read for it. Files, recordings and live streams are not: that
   * takes time and memory, and nothing would be sent until the end of a stream.
   */
  readonly isReadable: boolean
  /** gRPC-Web: neither the body nor the URL can take anything. */
  readonly isGrpc: boolean
}

/** The media type of a call: its `content-type` header, or else what the body itself brings. */
export function mediaTypeOf({ body, headers }: Call): MediaType {
  return parseMediaType(headers.get('content-type') ?? ownTypeOf(body) ?? '')
}

function ownTypeOf(body: CallBody): string | undefined {
  const hasType = body.kind === 'text' || body.kind === 'bytes' || body.kind === 'unread-blob'
  return hasType ? body.type : undefined
}

function parseMediaType(type: string): MediaType {
  const [beforeParameters = ''] = type.split(';', 1)
  const essence = beforeParameters.trim().toLowerCase()
  const textKind = textKindOf(essence)
  return {
    textKind,
    // Without a type it is not known whether there is a body at all.
    isReadable: textKind !== undefined || /^(multipart\/.*|.*-patch\+json|)$/.test(essence),
    isGrpc: essence.startsWith('application/grpc'),
  }
}

/** @param essence - {@link https://mimesniff.spec.whatwg.org/#mime-type-essence} */
function textKindOf(essence: string): TextKind | undefined {
  if (essence === 'application/x-www-form-urlencoded') {
    return 'pairs'
  }
  if (essence === 'text/plain') {
    return 'plain'
  }
  // In a patch a member means "set this", or the patch is a list of operations:
  // https://www.rfc-editor.org/rfc/rfc7396, https://www.rfc-editor.org/rfc/rfc6902
  const isPatch = essence.endsWith('-patch+json')
  // Two types, joined by a comma, are no type.
  return !isPatch && /^(application\/json|[^/,]+\/[^/,]+\+json)$/.test(essence) ? 'json' : undefined
}
