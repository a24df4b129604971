import type { MatchOption } from '@datadog/browser-core'
import * as natives from '../defence/natives.js'

export type { MatchOption }

/**
 * Where the session id travels.
 *
 * - `'body'`: a member of a JSON body, or a form field. The query parameter if there is no such body
 *   ({@link https://docs.datadoghq.com/llm_observability/guide/llm_observability_and_rum/ | Datadog's documented way}).
 * - `'query'`: a query parameter.
 * - `'baggage'`: the `session.id` member of the {@link https://www.w3.org/TR/baggage/ | W3C `baggage` header}.
 * - `'trace-tags'`: the `x-datadog-tags` header. Current Datadog tracers make it the session of every
 *   LLM Observability span, without backend code. It is the tracers' own contract; Datadog does not
 *   document it for browsers.
 */
export type Carrier = 'body' | 'query' | 'baggage' | 'trace-tags'

/** Settings that one AI-agent endpoint can have of its own. */
export interface CarrierOptions {
  /** Where the session id travels. Default: `'body'`. */
  carrier?: Carrier | undefined
  /**
   * Name of the body field and of the query parameter. Default: `'session_id'`.
   *
   * A dotted path (`'metadata.session_id'`) reaches into a JSON body. Objects that are missing on the
   * way are created. Its last part names the query parameter and the form field.
   */
  field?: string | undefined
  /**
   * With the `'baggage'` carrier, also send `user.id` and `account.id`: the ids that the page gave to
   * `setUser` and `setAccount` of the RUM SDK. With another carrier it does nothing. Default: `false`.
   */
  propagateUser?: boolean | undefined
}

/** An AI-agent endpoint with its own settings. What it leaves out comes from the options beside `origins`. */
export interface OriginOptions extends CarrierOptions {
  /** Which calls the entry takes. See {@link LlmCorrelationOptions.origins}. */
  match: MatchOption
  /**
   * The HTTP methods that the entry takes, in any case: `['POST']`. Default: all. EventSource and WebSocket count as
   * GET, a beacon as POST. So the URLs of an API's GETs can stay as they are.
   */
  methods?: readonly string[] | undefined
}

/**
 * Options of {@link llmCorrelation}. A console error names each wrong option; its default is used
 * instead. For an unknown option, the error names the nearest known one.
 */
export interface LlmCorrelationOptions extends CarrierOptions {
  /**
   * The AI-agent endpoints. The first entry that matches a call decides how it carries the session id.
   *
   * - A string is an origin or a URL prefix (`'https://agent.example.com'`, `'https://api.example.com/v1/agents'`), or a
   *   path on the page's own origin (`'/api/chat'`). Scheme, host and port must be the same, and the path the same or
   *   below it: `/v1/chat` takes `/v1/chat/x` and `/v1/chat?x`, never `/v1/chatty`. `https` also takes `wss`, `http` `ws`.
   * - A RegExp is tested against the whole URL.
   * - A function gets the whole URL. If it throws, it matches nothing.
   *
   * A console error names each wrong entry and says how to write it. The other entries still work.
   */
  origins: ReadonlyArray<MatchOption | OriginOptions>
  /**
   * How long a matching `fetch` may wait for the session, if it is made between `init` and the start of
   * RUM. In milliseconds since `init`. While the main thread is blocked, at most a tenth of it passes.
   * `0`: never wait. Default: `500`.
   */
  startupTimeout?: number | undefined
  /**
   * Mark the RUM resource events of correlated calls with `context.llm_correlation`, so that you can
   * search and graph coverage. Needs RUM SDK 7.16 or newer. Default: `true`.
   */
  annotateResources?: boolean | undefined
  /**
   * Print the entries at `init`, and one line for each matching call: what was done, or why nothing
   * was, or why the query parameter was taken instead. Also print one line for each endpoint that the
   * page calls and no entry takes. Default: `false`.
   */
  debug?: boolean | undefined
}

/** The options by name. */
export type OptionRules = Readonly<Record<string, OptionRule>>

export interface OptionRule {
  readonly default: unknown
  readonly isValid: (value: unknown) => boolean
  /** What a valid value looks like, for a console message. */
  readonly expected: string
}

const CARRIERS: readonly unknown[] = ['body', 'query', 'baggage', 'trace-tags'] satisfies Carrier[]

const HOW_TO_WRITE =
  "write an origin or URL prefix ('https://agent.example.com/v1') with scheme, no wildcard, query, hash or credentials, " +
  "a path ('/api/chat'), a RegExp, a function or { match }"

/** The options that an entry can have of its own. */
const CARRIER_OPTIONS = {
  carrier: {
    default: 'body' as Carrier,
    isValid: (value: unknown) => CARRIERS.includes(value),
    expected: "'body', 'query', 'baggage', 'trace-tags'",
  },
  field: {
    default: 'session_id',
    isValid: isFieldPath,
    expected: "a name or a dotted path ('metadata.session_id')",
  },
  propagateUser: flag(false),
} satisfies OptionRules

/** The endpoints, which are checked one by one where they are read. */
const ENDPOINTS = { default: undefined as unknown, isValid: () => true, expected: HOW_TO_WRITE }

export const OPTIONS = {
  origins: ENDPOINTS,
  ...CARRIER_OPTIONS,
  startupTimeout: { default: 500, isValid: isDuration, expected: 'milliseconds, 0 or more' },
  annotateResources: flag(true),
  debug: flag(false),
} satisfies OptionRules

export const ENTRY_OPTIONS = {
  match: ENDPOINTS,
  methods: {
    default: undefined as readonly string[] | undefined,
    isValid: isMethodList,
    expected: "a list of HTTP methods (['POST'])",
  },
  ...CARRIER_OPTIONS,
} satisfies OptionRules

function flag(byDefault: boolean) {
  return { default: byDefault, isValid: (value: unknown) => typeof value === 'boolean', expected: 'true or false' }
}

function isMethodList(value: unknown): boolean {
  const isMethod = (method: unknown) => typeof method === 'string' && /^[a-z-]+$/i.test(method)
  return natives.Array.isArray(value) && value.length > 0 && value.every(isMethod)
}

function isFieldPath(value: unknown): boolean {
  return typeof value === 'string' && value.split('.').every((name) => name.trim() !== '')
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
}
