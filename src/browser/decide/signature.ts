import * as natives from '../../defence/natives.js'
import type { Call } from '../call.js'

/** What a signature or a digest looks like, and the page that defines it. */
interface Mark {
  readonly pattern: RegExp
  readonly source: string
}

/** Names of headers, in lower case. */
const HEADER_MARKS: readonly Mark[] = [
  // Content-Digest, Repr-Digest, Digest, X-…-Digest. `Want-…-Digest` asks the server for one.
  { pattern: /^(?!want-)(.*-)?digest$/, source: 'https://www.rfc-editor.org/rfc/rfc9530' },
  { pattern: /^(.*-)?content-md5$/, source: 'https://www.rfc-editor.org/rfc/rfc1864' },
  // Signature, Signature-Input, X-Hub-Signature-256, Stripe-Signature.
  { pattern: /^(.*-)?signature(-.*)?$/, source: 'https://www.rfc-editor.org/rfc/rfc9421' },
  // X-Amz-Content-Sha256, X-Ms-Content-Sha256.
  {
    pattern: /-content-sha/,
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html',
  },
  // X-Amz-Checksum-Crc32.
  {
    pattern: /(^|-)checksum/,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html',
  },
  { pattern: /^x-goog-hash$/, source: 'https://docs.cloud.google.com/storage/docs/xml-api/reference-headers' },
  // X-Shopify-Hmac-Sha256.
  { pattern: /(^|-)hmac(-|$)/, source: 'https://shopify.dev/docs/apps/build/webhooks/subscribe/https' },
  { pattern: /^(x-)?sign$/, source: 'https://developer.tuya.com/en/docs/iot/new-singnature' },
]

/** Schemes of the `Authorization` header that sign the URL or the body, in lower case. */
const SCHEME_MARKS: readonly Mark[] = [
  {
    pattern: /^aws(\d?-.*)?$/,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html',
  },
  { pattern: /^signature$/, source: 'https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12' },
  { pattern: /^hawk$/, source: 'https://github.com/mozilla/hawk/blob/main/API.md' },
  { pattern: /^oauth$/, source: 'https://www.rfc-editor.org/rfc/rfc5849#section-3.5.1' },
  { pattern: /^digest$/, source: 'https://www.rfc-editor.org/rfc/rfc7616#section-3.4' },
  { pattern: /^mac$/, source: 'https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-http-mac-05' },
  {
    pattern: /^sharedkey(lite)?$/,
    source: 'https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key',
  },
  // HMAC-SHA256 (Azure), TC3-HMAC-SHA256 (Tencent), ACS3-HMAC-SHA256 (Alibaba), SDK-HMAC-SHA256
  // (Huawei), EG1-HMAC-SHA256 (Akamai).
  { pattern: /hmac/, source: 'https://learn.microsoft.com/azure/azure-app-configuration/rest-api-authentication-hmac' },
  // ACS3-RSA-SHA256, ACS3-HMAC-SM3.
  {
    pattern: /^acs\d?(-|$)/,
    source: 'https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature',
  },
  { pattern: /^tc3-/, source: 'https://www.tencentcloud.com/document/api/213/33224' },
  { pattern: /^goog\d/, source: 'https://docs.cloud.google.com/storage/docs/authentication/signatures' },
  {
    pattern: /^(oss|cos)\d?(-|$)/,
    source: 'https://www.alibabacloud.com/help/en/oss/developer-reference/signature-version-4-recommend',
  },
  { pattern: /^bce-auth-/, source: 'https://cloud.baidu.com/doc/Reference/s/Njwvz1wot' },
]

/** A query parameter that signs a URL. Names are in lower case. */
interface ParameterMark {
  readonly name: RegExp
  /** The value of a signature. It tells a signature from a parameter that only has such a name. */
  readonly value?: RegExp
  /** Another parameter, one of which comes with the signature. */
  readonly beside?: readonly string[]
  readonly source: string
}

const PARAMETER_MARKS: readonly ParameterMark[] = [
  // X-Amz-Signature, X-Goog-Signature, x-oss-signature, x-tos-signature, q-signature, oauth_signature.
  {
    name: /^.+[-_]signature$/,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html',
  },
  // CloudFront, Google's CDN and storage, AWS version 2, Alibaba's OSS.
  {
    name: /^signature$/,
    beside: ['key-pair-id', 'keyname', 'googleaccessid', 'awsaccesskeyid', 'accesskeyid', 'ossaccesskeyid', 'expires'],
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html',
  },
  // Laravel leaves `expires` out of a URL that stays valid.
  { name: /^signature$/, value: /^[\w+/=~-]{20,}$/, source: 'https://laravel.com/docs/urls#signed-urls' },
  {
    name: /^sig$/,
    beside: ['se', 'si'],
    source: 'https://learn.microsoft.com/rest/api/storageservices/create-service-sas',
  },
  { name: /^signed$/, value: /^.{20,}$/, source: 'https://www.npmjs.com/package/signed' },
  {
    name: /^hmac$/,
    value: /^[\w+/=-]{20,}$/,
    source: 'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant',
  },
  { name: /^(.+_)?sign$/, value: /^[\w+/=-]{20,}$/, source: 'https://open.taobao.com/doc.htm?docId=101617&docType=1' },
  { name: /^token$/, beside: ['expires'], source: 'https://docs.bunny.net/docs/cdn-token-authentication' },
]

/**
 * Whether a change of the URL or the body may break a signature or a digest of the call. It errs on
 * the side of a signature: a call without the session id is better than one that the server refuses.
 */
export function isSigned({ header, headerNames, url }: Call): boolean {
  return (
    headerNames().some((name) => HEADER_MARKS.some(({ pattern }) => pattern.test(name))) ||
    hasSigningScheme(header('authorization') ?? '') ||
    isPresigned(url.href)
  )
}

function hasSigningScheme(authorization: string): boolean {
  const [scheme = ''] = authorization.toLowerCase().split(/[\s/]/, 1)
  return SCHEME_MARKS.some(({ pattern }) => pattern.test(scheme))
}

function isPresigned(href: string): boolean {
  const [beforeHash = ''] = href.split('#', 1)
  const start = beforeHash.indexOf('?')
  if (start < 0) {
    return false
  }
  const values = new natives.Map<string, string>()
  new natives.URLSearchParams(beforeHash.slice(start)).forEach((value, name) => {
    values.set(name.toLowerCase(), value)
  })
  return PARAMETER_MARKS.some(({ name, value, beside }) => {
    let isFound = false
    values.forEach((present, key) => {
      isFound ||= name.test(key) && (!value || value.test(present))
    })
    return isFound && (!beside || beside.some((other) => values.has(other)))
  })
}
