/**
 * A request: Node's `IncomingMessage`, what frameworks make of it, a web `Request`, an event of AWS Lambda, or anything else
 * that has some of these.
 */
export interface InboundRequest {
  /** A `Headers` object, or an object by name. */
  readonly headers?: object | undefined
  /** Absolute or not. */
  readonly url?: string | URL | undefined
  /** The query as the server parsed it. */
  readonly query?: unknown
  /** All lines of each header, as AWS has them. */
  readonly multiValueHeaders?: object | null | undefined
  /** The query of an event of AWS, as it came. */
  readonly rawQueryString?: string | undefined
  /** The query of an event of AWS, parsed. */
  readonly queryStringParameters?: object | null | undefined
  /** The same, with all values of each name. */
  readonly multiValueQueryStringParameters?: object | null | undefined
  /** Whether the body of an event of AWS is its bytes in Base64. */
  readonly isBase64Encoded?: boolean | undefined
}
