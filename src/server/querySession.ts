import { readJsonField } from '../carriers/jsonField.js'
import { readQueryParams } from '../carriers/queryParam.js'
import { attempt } from './attempt.js'
import type { InboundRequest } from './inboundRequest.js'
import { sessionIdIn } from './uuid.js'

/** The session id in the query of a request. If one place of the query cannot be read, the others still count. */
export function sessionInQuery(request: InboundRequest, name: string): string | undefined {
  return (
    attempt(() => sessionInText(String(request.url), name)) ??
    attempt(() => sessionInText(`?${request.rawQueryString}`, name)) ??
    attempt(() => sessionInParsed(request.query, name)) ??
    attempt(() => sessionInParsed(request.multiValueQueryStringParameters, name)) ??
    attempt(() => sessionInParsed(request.queryStringParameters, name))
  )
}

function sessionInText(url: string, name: string): string | undefined {
  return sessionIdIn([readQueryParams(url, name)])
}

function sessionInParsed(query: unknown, name: string): string | undefined {
  return sessionIdIn([readJsonField(query, [name])])
}
