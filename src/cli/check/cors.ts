import { type Answer, type Call, wordsOf } from './exchange.js'

/** Why a browser refuses a call, and what to do about it. */
export interface Problem {
  readonly message: string
  readonly todo: string
}

/** A header that the answer lacks, or has with another value. */
interface Missing {
  readonly message: string
  /** The line of the answer that allows the call. */
  readonly line: string
}

/** Who calls: the value of the `Origin` header, and whether cookies go along. */
export interface Caller {
  readonly origin: string
  readonly credentials: boolean
}

/** Browsers set these themselves. */
const FORBIDDEN = ['cookie', 'host', 'origin', 'content-length']
const SAFE_METHODS = ['GET', 'HEAD', 'POST']
const SAFE_TYPES = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i

/**
 * The headers of a call that a server of another origin has to allow, in the order in which browsers name them.
 * {@link https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names}
 */
export function headersToAllow({ headers }: Call): string[] {
  return Object.keys(headers)
    .filter((name) => !FORBIDDEN.includes(name) && !isSafe(name, headers[name] ?? ''))
    .sort()
}

function isSafe(name: string, value: string) {
  const isListed = ['accept', 'accept-language', 'content-language'].includes(name)
  return value.length <= 128 && (isListed || (name === 'content-type' && SAFE_TYPES.test(value)))
}

/** The request by which a browser asks whether a call may be made; `undefined` if it does not ask. */
export function preflightOf(call: Call, { origin }: Caller): Call | undefined {
  const names = headersToAllow(call)
  if (SAFE_METHODS.includes(call.method) && !names.length) {
    return undefined
  }
  const headers = {
    accept: '*/*',
    origin,
    'access-control-request-method': call.method,
    ...(names.length && { 'access-control-request-headers': names.join(',') }),
    'sec-fetch-mode': 'cors',
  }
  return { method: 'OPTIONS', url: call.url, headers }
}

/** What a browser finds wrong with the answer to a preflight. {@link https://fetch.spec.whatwg.org/#cors-preflight-fetch} */
export function problemOfPreflight(call: Call, caller: Caller, answer: Answer): Problem | undefined {
  const { status, headers } = answer
  if (status >= 300 && status < 400) {
    const message = `the preflight is redirected (${status}), and browsers follow no redirect there`
    return { message, todo: `Call ${headers.location ?? 'the address that it names'} itself.` }
  }
  const missing = [
    missingOrigin(caller, headers),
    missingMethod(call, caller, headers),
    missingHeaders(call, caller, headers),
  ].filter((one) => one !== undefined)
  const lines = missing.map(({ line }) => line).join(' and ')
  if (status < 200 || status > 299) {
    const message = `the preflight is answered with ${status}${wordsOf(answer)}`
    return { message, todo: `Answer OPTIONS with 204 and the headers of CORS${lines ? `: ${lines}` : '.'}` }
  }
  const [first] = missing
  return first && { message: first.message, todo: `Answer with ${lines}` }
}

/** What a browser finds wrong with any answer that the page wants to read. {@link https://fetch.spec.whatwg.org/#cors-check} */
export function problemOfOrigin(caller: Caller, headers: Answer['headers']): Problem | undefined {
  const missing = missingOrigin(caller, headers)
  return missing && { message: missing.message, todo: `Answer with ${missing.line}` }
}

function missingOrigin({ origin, credentials }: Caller, headers: Answer['headers']): Missing | undefined {
  const allowed = headers['access-control-allow-origin']
  if (allowed !== origin && (allowed !== '*' || credentials)) {
    const message =
      allowed === undefined
        ? 'the answer has no Access-Control-Allow-Origin'
        : `Access-Control-Allow-Origin is ${allowed}, and the page's origin is ${origin}`
    return { message, line: `Access-Control-Allow-Origin: ${origin}` }
  }
  if (credentials && headers['access-control-allow-credentials'] !== 'true') {
    return { message: 'the server allows no cookies', line: 'Access-Control-Allow-Credentials: true' }
  }
  return undefined
}

function missingMethod({ method }: Call, caller: Caller, headers: Answer['headers']): Missing | undefined {
  const allowed = listOf(headers['access-control-allow-methods'])
  if (SAFE_METHODS.includes(method) || allowed.includes(method) || hasWildcard(allowed, caller)) {
    return undefined
  }
  const line = `Access-Control-Allow-Methods: ${[...allowed, method].join(', ')}`
  return { message: `the server does not allow the method ${method}`, line }
}

function missingHeaders(call: Call, caller: Caller, headers: Answer['headers']): Missing | undefined {
  const allowed = listOf(headers['access-control-allow-headers']).map((name) => name.toLowerCase())
  // A wildcard does not take this one: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
  const isAllowed = (name: string) =>
    allowed.includes(name) || (hasWildcard(allowed, caller) && name !== 'authorization')
  const refused = headersToAllow(call).filter((name) => !isAllowed(name))
  if (!refused.length) {
    return undefined
  }
  const names = [...new Set([...allowed, ...refused])].filter((name) => name !== '*' || !caller.credentials)
  return {
    message: `the server does not allow the header${refused.length > 1 ? 's' : ''} ${refused.join(', ')}`,
    line: `Access-Control-Allow-Headers: ${names.join(', ')}`,
  }
}

function hasWildcard(allowed: readonly string[], { credentials }: Caller) {
  return allowed.includes('*') && !credentials
}

function listOf(header = ''): string[] {
  return header
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
}
