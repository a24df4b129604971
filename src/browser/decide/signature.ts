import * as natives from '../../defence/natives.js'
import type { Call } from '../call.js'

/** Headers with a signature or a digest, by name in lower case. */
const HEADER_MARKS: readonly RegExp[] = [
  // Content-Digest, Repr-Digest, X-…-Digest. `Want-…-Digest` asks the server for one.
  // https://www.rfc-editor.org/rfc/rfc9530
  /^(?!want-)(.*-)?digest$/,
  // https://www.rfc-editor.org/rfc/rfc1864
  /content-md5$/,
  // Signature, Signature-Input, X-Hub-Signature-256. https://www.rfc-editor.org/rfc/rfc9421
  /(^|-)signature(-|$)/,
  // X-Amz-Content-Sha256, X-Ms-Content-Sha256.
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
  /-content-sha/,
  // X-Amz-Checksum-Crc32.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
  /(^|-)checksum/,
  // https://docs.cloud.google.com/storage/docs/xml-api/reference-headers
  /^x-goog-hash$/,
  // X-Shopify-Hmac-Sha256. https://shopify.dev/docs/apps/build/webhooks/subscribe/https
  /(^|-)hmac(-|$)/,
  // https://developer.tuya.com/en/docs/iot/new-singnature
  /^(x-)?sign$/,
]

/** Schemes of the `Authorization` header that sign the URL or the body, in lower case. */
const SCHEME_MARKS: readonly RegExp[] = [
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
  /^aws(\d?-|$)/,
  // https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12
  /^signature$/,
  // https://github.com/mozilla/hawk/blob/main/API.md
  /^hawk$/,
  // https://www.rfc-editor.org/rfc/rfc5849#section-3.5.1
  /^oauth$/,
  // https://www.rfc-editor.org/rfc/rfc7616#section-3.4
  /^digest$/,
  // https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-http-mac-05
  /^mac$/,
  // https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
  /^sharedkey/,
  // HMAC-SHA256 (Azure), SDK-HMAC-SHA256 (Huawei), EG1-HMAC-SHA256 (Akamai).
  // https://learn.microsoft.com/azure/azure-app-configuration/rest-api-authentication-hmac
  /hmac/,
  // https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
  /^(acs|oss)\d?(-|$)/,
  // https://www.tencentcloud.com/document/api/213/33224
  /^tc3-/,
  // https://docs.cloud.google.com/storage/docs/authentication/signatures
  /^goog\d/,
  // https://cloud.baidu.com/doc/Reference/s/Njwvz1wot
  /^bce-auth-/,
]

/** A query parameter that signs a URL. Names are in lower case. */
interface ParameterMark {
  readonly name: RegExp
  /** Tells the value of a signature from that of another parameter with such a name. */
  readonly value?: RegExp
  /** Parameters of which one comes with the signature. */
  readonly beside?: readonly string[]
}

const LONG_TOKEN = /^[\w+/=~.:;-]{20,}$/

const PARAMETER_MARKS: readonly ParameterMark[] = [
  // X-Amz-Signature, X-Goog-Signature, x-oss-signature, q-signature, oauth_signature.
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  { name: /[-_]signature$/ },
  // CloudFront, Google's CDN and storage, AWS version 2, Laravel.
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
  { name: /^signature$/, beside: ['key-pair-id', 'keyname', 'googleaccessid', 'expires'] },
  // Laravel leaves `expires` out of a URL that stays valid. https://laravel.com/docs/urls#signed-urls
  // The package `signed`: https://www.npmjs.com/package/signed
  // https://open.taobao.com/doc.htm?docId=101617&docType=1
  { name: /^(signature|signed|hmac|(.*_)?sign)$/, value: LONG_TOKEN },
  // https://learn.microsoft.com/rest/api/storageservices/create-service-sas
  { name: /^sig$/, beside: ['se', 'si'] },
  // https://docs.bunny.net/docs/cdn-token-authentication
  { name: /^token$/, beside: ['expires'] },
]

/**
 * Whether a change of the URL or the body may break a signature or a digest of the call. In doubt it
 * says yes: a call without the session id is better than one that the server refuses.
 */
export function isSigned({ header, headerNames, url }: Call): boolean {
  const [scheme = ''] = (header('authorization') ?? '').toLowerCase().split(/[\s/]/, 1)
  return (
    SCHEME_MARKS.some((mark) => mark.test(scheme)) ||
    headerNames().some((name) => HEADER_MARKS.some((mark) => mark.test(name))) ||
    isPresigned(url.href)
  )
}

function isPresigned(href: string): boolean {
  if (!href.includes('?')) {
    return false
  }
  const [beforeHash = ''] = href.split('#', 1)
  const values = new natives.Map<string, string>()
  new natives.URLSearchParams(beforeHash.slice(beforeHash.indexOf('?') + 1)).forEach((value, name) => {
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
