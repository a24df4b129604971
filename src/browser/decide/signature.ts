import type { Call } from '../call.js'

/** Headers with a digest of the body, or the list of what a signature covers. */
const SIGNATURE_HEADERS = ['content-digest', 'digest', 'content-md5', 'signature-input']

/**
 * Whether a change of the URL or the body would break a signature or a digest: AWS SigV4, in a
 * header or a
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html | presigned URL},
 * HTTP message signatures (RFC 9421), digests (RFC 9530, RFC 3230, RFC 1864).
 */
export function isSigned({ header, url }: Call): boolean {
  return (
    /^AWS4-/i.test(header('authorization') ?? '') ||
    /[?&]x-amz-signature=/i.test(url.href) ||
    SIGNATURE_HEADERS.some((name) => header(name) !== null)
  )
}
