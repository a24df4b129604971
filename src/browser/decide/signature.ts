import * as natives from '../../defence/natives.js'
import type { Call } from '../call.js'

/** How parts of the names of headers begin that hold a signature or a digest. */
const SIGNED_HEADER = wordsThatBegin(
  // Content-Digest, Repr-Digest. https://www.rfc-editor.org/rfc/rfc9530
  'digest',
  // https://www.rfc-editor.org/rfc/rfc1864
  'content-md5',
  // Signature, Signature-Input, X-Hub-Signature-256. https://www.rfc-editor.org/rfc/rfc9421
  'signature',
  // X-Amz-Content-Sha256, X-Ms-Content-Sha256.
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
  'content-sha',
  // X-Amz-Checksum-Crc32.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
  'checksum',
  // https://docs.cloud.google.com/storage/docs/xml-api/reference-headers
  'goog-hash',
  // X-Shopify-Hmac-Sha256. https://shopify.dev/docs/apps/build/webhooks/subscribe/https
  'hmac',
  // X-Sign. https://developer.tuya.com/en/docs/iot/new-singnature
  'sign$',
)

/** How schemes of the `Authorization` header begin that sign the URL or the body. */
const SIGNING_SCHEME = wordsThatBegin(
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
  'aws',
  // https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12
  'signature',
  // https://github.com/mozilla/hawk/blob/main/API.md
  'hawk',
  // https://www.rfc-editor.org/rfc/rfc5849#section-3.5.1
  'oauth',
  // https://www.rfc-editor.org/rfc/rfc7616#section-3.4
  'digest',
  // https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
  'sharedkey',
  // HMAC-SHA256 (Azure), SDK-HMAC-SHA256 (Huawei), TC3-HMAC-SHA256 (Tencent), EG1-HMAC-SHA256 (Akamai).
  // https://learn.microsoft.com/azure/azure-app-configuration/rest-api-authentication-hmac
  'hmac',
  'tc3',
  // https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
  'acs',
  'oss',
  // https://docs.cloud.google.com/storage/docs/authentication/signatures
  'goog',
  // https://cloud.baidu.com/doc/Reference/s/Njwvz1wot
  'bce',
)

/** What stands in the queries of signed URLs. All expressions of a row must match. */
const SIGNED_QUERIES: ReadonlyArray<readonly RegExp[]> = [
  // X-Amz-Signature, X-Goog-Signature, x-oss-signature, q-signature, oauth_signature.
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  [/[?&](x-[a-z]+-|q-|oauth_)signature=/],
  // CloudFront, Google's CDN and storage, AWS version 2, Laravel.
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
  [/[?&]signature=/, /[?&](key-pair-id|keyname|googleaccessid|expires)=/],
  // Laravel leaves `expires` out of a URL that stays valid. https://laravel.com/docs/urls#signed-urls
  // The package `signed`: https://www.npmjs.com/package/signed
  // https://open.taobao.com/doc.htm?docId=101617&docType=1
  [/[?&](signature|signed|hmac|sign)=[^&]{20}/],
  // https://learn.microsoft.com/rest/api/storageservices/create-service-sas
  [/[?&]sig=/, /[?&]s[ei]=/],
  // https://docs.bunny.net/docs/cdn-token-authentication
  [/[?&]token=/, /[?&]expires=/],
]

/**
 * Whether a change of the URL or the body may break a signature or a digest of the call. In doubt it
 * says yes: a call without the session id is better than one that the server refuses.
 */
export function isSigned({ header, headerNames, url }: Call): boolean {
  const [scheme = ''] = (header('authorization') ?? '').toLowerCase().split(' ', 1)
  const [withoutHash = ''] = url.href.toLowerCase().split('#', 1)
  return (
    SIGNING_SCHEME.test(scheme) ||
    headerNames().some((name) => SIGNED_HEADER.test(name)) ||
    SIGNED_QUERIES.some((marks) => marks.every((mark) => mark.test(withoutHash)))
  )
}

/** A name of several words joined by hyphens has one that begins so. */
function wordsThatBegin(...beginnings: readonly string[]): RegExp {
  // Want-Digest and Accept-Signature ask the server for one.
  return new natives.RegExp(`^(?!want-|accept-)(.*-)?(${beginnings.join('|')})`)
}
