// The events that AWS makes of HTTP requests. The shapes are those of AWS's documentation and test
// events; the values are made up.

/** A call of a page. Header names are as the client wrote them. */
export interface PageCall {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly query?: string
  readonly body?: string
}

export interface EventOptions {
  readonly base64?: boolean
}

type Make = (call: PageCall, options?: EventOptions) => object

const PATH = '/chat'
const ACCOUNT = '123456789012'
const CAME = { host: 'agent.example.com', 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }

const lower = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const capital = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()), value]),
  )

const lists = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]))

const decoded = (query: string) => Object.fromEntries(new URLSearchParams(query))

/** A load balancer leaves names and values encoded. */
const encoded = (query: string) =>
  Object.fromEntries(
    query
      .split('&')
      .filter(Boolean)
      .map((pair) => pair.split('=') as [string, string]),
  )

const orNull = (values: object) => (Object.keys(values).length ? values : null)

function bodyOf({ body }: PageCall, { base64 = false }: EventOptions = {}) {
  return { body: body && base64 ? Buffer.from(body).toString('base64') : (body ?? null), isBase64Encoded: base64 }
}

const restApi: Make = (call, options) => {
  const { method = 'POST', query = '' } = call
  const headers = capital({ ...CAME, ...call.headers })
  const values = decoded(query)
  return {
    resource: PATH,
    path: PATH,
    httpMethod: method,
    headers,
    multiValueHeaders: lists(headers),
    queryStringParameters: orNull(values),
    multiValueQueryStringParameters: orNull(lists(values)),
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'a1b2c3d4e5',
      domainName: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      httpMethod: method,
      path: `/prod${PATH}`,
      protocol: 'HTTP/1.1',
      requestId: '6f1c0c5e-0d5c-4c8e-9d7e-0d2c7a1b3e4f',
      requestTimeEpoch: 1_764_000_000_000,
      resourceId: 'r3s0rc',
      resourcePath: PATH,
      stage: 'prod',
      identity: { sourceIp: '203.0.113.7', userAgent: 'Mozilla/5.0' },
    },
    ...bodyOf(call, options),
  }
}

function payloadV2(call: PageCall, options: EventOptions | undefined, domainName: string) {
  const { method = 'POST', query = '' } = call
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: PATH,
    rawQueryString: query,
    headers: lower({ ...CAME, ...call.headers }),
    ...(query && { queryStringParameters: decoded(query) }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'a1b2c3d4e5',
      domainName,
      domainPrefix: 'a1b2c3d4e5',
      http: { method, path: PATH, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'Mozilla/5.0' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '29/Nov/2026:02:45:00 +0000',
      timeEpoch: 1_764_000_000_000,
    },
    ...bodyOf(call, options),
  }
}

const httpApi: Make = (call, options) => payloadV2(call, options, 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com')

const functionUrl: Make = (call, options) => payloadV2(call, options, 'u7r1l2x3.lambda-url.eu-west-1.on.aws')

const elb = { targetGroupArn: `arn:aws:elasticloadbalancing:eu-west-1:${ACCOUNT}:targetgroup/agent/50dc6c495c0c9188` }

const loadBalancer: Make = (call, options) => ({
  requestContext: { elb },
  httpMethod: call.method ?? 'POST',
  path: PATH,
  queryStringParameters: encoded(call.query ?? ''),
  headers: lower({ ...CAME, ...call.headers }),
  ...bodyOf(call, options),
})

const loadBalancerMultiValue: Make = (call, options) => ({
  requestContext: { elb },
  httpMethod: call.method ?? 'POST',
  path: PATH,
  multiValueQueryStringParameters: lists(encoded(call.query ?? '')),
  multiValueHeaders: lists(lower({ ...CAME, ...call.headers })),
  ...bodyOf(call, options),
})

const webSocketConnect: Make = (call) => {
  const headers = capital({ ...CAME, ...call.headers })
  return {
    headers,
    multiValueHeaders: lists(headers),
    ...(call.query && {
      queryStringParameters: decoded(call.query),
      multiValueQueryStringParameters: lists(decoded(call.query)),
    }),
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      messageDirection: 'IN',
      connectionId: 'CnLk3eXaMpLeId=',
      domainName: 'w5s6o7c8.execute-api.eu-west-1.amazonaws.com',
      stage: 'prod',
      apiId: 'w5s6o7c8',
      requestId: 'CnLk3FSyExAmPlE=',
      requestTimeEpoch: 1_764_000_000_000,
    },
    isBase64Encoded: false,
  }
}

/** The services that hand HTTP requests to a function. The start of a WebSocket has no body. */
export const SOURCES: Array<[name: string, make: Make, hasBody: boolean]> = [
  ['a REST API', restApi, true],
  ['an HTTP API', httpApi, true],
  ['a function URL', functionUrl, true],
  ['a load balancer', loadBalancer, true],
  ['a load balancer with multi-value headers', loadBalancerMultiValue, true],
  ['a WebSocket API, at $connect', webSocketConnect, false],
]

/** Events of other kinds than HTTP requests. Each contains a session id all the same. */
export const OTHER_EVENTS: Array<[name: string, make: (text: string, sessionId: string) => object]> = [
  [
    'SQS',
    (text, id) => ({
      Records: [
        {
          messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
          receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
          body: JSON.stringify({ session_id: id, text }),
          attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1764000000000' },
          messageAttributes: {},
          eventSource: 'aws:sqs',
          eventSourceARN: `arn:aws:sqs:eu-west-1:${ACCOUNT}:questions`,
          awsRegion: 'eu-west-1',
        },
      ],
    }),
  ],
  [
    'EventBridge',
    (text, id) => ({
      version: '0',
      id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
      'detail-type': 'Question asked',
      source: 'chat.example',
      account: ACCOUNT,
      time: '2026-11-29T02:45:00Z',
      region: 'eu-west-1',
      resources: [],
      detail: { session_id: id, text },
    }),
  ],
  ['a direct invocation', (text, id) => ({ session_id: id, text, body: JSON.stringify({ session_id: id }) })],
  [
    'a direct invocation with headers',
    (text, id) => ({ headers: { baggage: `session.id=${id}` }, body: JSON.stringify({ session_id: id, text }) }),
  ],
  [
    "a WebSocket's message",
    (text, id) => ({
      requestContext: {
        routeKey: '$default',
        eventType: 'MESSAGE',
        messageDirection: 'IN',
        connectionId: 'CnLk3eXaMpLeId=',
        domainName: 'w5s6o7c8.execute-api.eu-west-1.amazonaws.com',
        stage: 'prod',
        apiId: 'w5s6o7c8',
        requestTimeEpoch: 1_764_000_000_000,
      },
      body: JSON.stringify({ session_id: id, text }),
      isBase64Encoded: false,
    }),
  ],
]
