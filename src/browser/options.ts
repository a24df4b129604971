import type { MatchOption } from '@datadog/browser-core'
import { classOf } from '../lib/classOf.js'
import { Array, JSON, Object } from '../lib/globals.js'
import { isObject } from '../lib/isObject.js'
import { matchesUrl } from './matchesUrl.js'
import { type NetworkUrl, pageOrigin, parseUrl } from './networkUrl.js'

export type { MatchOption }

/**
 * Where the session id travels.
 *
 * - `'body'`: a member of a JSON body or a form field; the query parameter where there is no such body
 *   ({@link https://docs.datadoghq.com/llm_observability/guide/llm_observability_and_rum/ | Datadog's documented way}).
 * - `'query'`: a query parameter.
 * - `'baggage'`: the `session.id` member of the {@link https://www.w3.org/TR/baggage/ | W3C `baggage` header}.
 * - `'trace-tags'`: the `x-datadog-tags` header, which current Datadog tracers turn into the session of every LLM
 *   Observability span without backend code. It is the tracers' own contract, not documented for browsers.
 */
export type Carrier = 'body' | 'query' | 'baggage' | 'trace-tags'

/** Settings that one AI-agent endpoint can have of its own. */
export interface CarrierOptions {
  /** Where the session id travels. Default: `'body'`. */
  carrier?: Carrier | undefined
  /**
   * Name of the body field and of the query parameter. Default: `'session_id'`.
   *
   * A dotted path (`'metadata.session_id'`) reaches into a JSON body and creates the objects that are missing on the way;
   * its last part names the query parameter and the form field.
   */
  field?: string | undefined
  /**
   * With the `'baggage'` carrier, send `user.id` and `account.id` too, from `setUser` and `setAccount` of the RUM SDK and
   * under the names that the SDK gives them. With another carrier it does nothing. Default: `false`.
   */
  propagateUser?: boolean | undefined
}

/** An AI-agent endpoint with settings of its own; what it leaves out comes from the options beside `origins`. */
export interface OriginOptions extends CarrierOptions {
  /** Which calls the entry takes. See {@link LlmCorrelationOptions.origins}. */
  match: MatchOption
}

/**
 * Options of {@link llmCorrelation}. A wrong option is named in a console error and replaced by its default; one that is not
 * known is named with the nearest that is.
 */
export interface LlmCorrelationOptions extends CarrierOptions {
  /**
   * The AI-agent endpoints. The first entry that matches a call decides how it carries the session id.
   *
   * - A string is an origin or a URL prefix (`'https://agent.example.com'`, `'https://api.example.com/v1/agents'`), or a
   *   path on the page's own origin (`'/api/chat'`). Scheme, host and port must be the same, and the path the same or
   *   below it: `/v1/chat` takes `/v1/chat/x` and `/v1/chat?x`, never `/v1/chatty`. `https` also takes `wss`, `http` `ws`.
   * - A RegExp is tested against the whole URL.
   * - A function gets the whole URL; one that throws matches nothing.
   *
   * A wrong entry is named in a console error that says how to write it; the other entries still work.
   */
  origins: ReadonlyArray<MatchOption | OriginOptions>
  /**
   * How long a matching `fetch` that is made between `init` and the start of RUM may wait for the session, in
   * milliseconds since `init`; a stretch in which the main thread is blocked counts as a tenth of it at most. `0`: never wait.
   * Default: `500`.
   */
  startupTimeout?: number | undefined
  /**
   * Mark the RUM resource events of correlated calls with `context.llm_correlation`, so that coverage can be searched and
   * graphed. Left out on RUM SDK versions before 7.16. Default: `true`.
   */
  annotateResources?: boolean | undefined
  /**
   * Print the entries at `init`; for each matching call one console line that tells what was done, or why nothing was or the
   * query parameter was taken instead; and one for each endpoint that the page calls and no entry takes. Default: `false`.
   */
  debug?: boolean | undefined
}

type Rule = readonly [valid: RegExp, expected: string]
const FLAG: Rule = [/^(true|false)$/, 'true or false']

/** What an option must be, as {@link describe} has it; those that are not here are checked where they are used. */
const RULES: Readonly<Record<string, Rule | undefined>> = {
  carrier: [/^'(body|query|baggage|trace-tags)'$/, "'body', 'query', 'baggage', 'trace-tags'"],
  field: [/^'\s*[^.\s][^.]*(\.\s*[^.\s][^.]*)*'$/, "a name or a dotted path ('metadata.session_id')"],
  propagateUser: FLAG,
  startupTimeout: [/^\d/, 'milliseconds, 0 or more'],
  annotateResources: FLAG,
  debug: FLAG,
}

const DEFAULTS = {
  origins: undefined as unknown,
  carrier: 'body' as Carrier,
  field: 'session_id',
  propagateUser: false,
  startupTimeout: 500,
  annotateResources: true,
  debug: false,
}

const HOW_TO_WRITE =
  "write an origin or URL prefix ('https://agent.example.com/v1'), with scheme, without wildcard, query, hash or credentials, a path " +
  "('/api/chat'), a RegExp, a function or { match }"

/** An entry of `origins`, checked and completed with its defaults. */
export interface Entry {
  /** Whether the entry takes a call to this URL. */
  readonly matches: (url: Pick<NetworkUrl, 'href'>) => boolean
  /**
   * What all URLs that the entry takes start with once they are parsed, credentials and `ws` for `http` aside; one of them
   * itself. `undefined` where the entry does not tell.
   */
  readonly prefix?: string | undefined
  readonly carrier: Carrier
  readonly field: string
  /** The parts of `field`. */
  readonly path: readonly [string, ...string[]]
  readonly propagateUser: boolean
  /** The entry as the page wrote it, for console messages. */
  readonly label: string
}

export interface Settings {
  readonly entries: readonly Entry[]
  readonly startupTimeout: number
  readonly annotateResources: boolean
  readonly debug: boolean
}

type Report = (message: string) => void
type Options = Readonly<Record<string, unknown>>

/**
 * Checks what the page passed to `llmCorrelation` and completes it with the defaults. It never throws: what is wrong is
 * reported and left out.
 */
export function readOptions(input: unknown, report: Report): Settings {
  const options = Array.isArray(input) ? { origins: input } : isObject(input) ? input : {}
  const settings = complete(options, DEFAULTS, '', report)
  const { origins, carrier, field, propagateUser } = settings
  const list = Array.isArray(origins) ? origins : []
  const entries: Entry[] = []

  if (!list.length) {
    report(
      `'origins' must be a list of endpoints, and is ${describe(isObject(input) ? origins : input)}: ${HOW_TO_WRITE}`,
    )
  }
  list.forEach((origin: unknown, index) => {
    const name = `origins[${index}] (${describe(origin)})`
    try {
      const isEntry = isObject(origin) && classOf(origin) !== 'RegExp'
      const defaults = { match: undefined as unknown, carrier, field, propagateUser }
      const own = complete(isEntry ? origin : { match: origin }, defaults, `${name}.`, report)
      const matcher = compileMatch(own.match, report)
      if (matcher) {
        entries.push({
          ...own,
          ...matcher,
          path: own.field.split('.') as [string, ...string[]],
          label: describe(own.match),
        })
        reportIdleUser(own.propagateUser && !propagateUser, [own], `${name}.`, report)
      } else {
        report(`${name} is no endpoint: ${HOW_TO_WRITE}`)
      }
    } catch {
      report(`${name} cannot be read: ${HOW_TO_WRITE}`)
    }
  })
  reportIdleUser(propagateUser, entries, '', report)
  return { ...settings, entries }
}

/** Options as the page itself set them: nothing that all objects inherit counts for one. What is wrong keeps its default. */
function complete<T extends object>(options: Options, defaults: T, prefix: string, report: Report): T {
  const known = Object.keys(defaults)
  const settings = { ...defaults } as Record<string, unknown>
  for (const name of Object.keys(options)) {
    const value = options[name]
    if (!known.includes(name)) {
      const nearest = known.reduce((best, other) => (likeness(name, other) > likeness(name, best) ? other : best))
      report(`${prefix}${name} is no option: did you mean '${nearest}'?`)
    } else if (value !== undefined) {
      const [valid, expected] = RULES[name] ?? [/^/]
      if (valid.test(describe(value))) {
        settings[name] = value
      } else {
        report(`${prefix}${name} (${describe(value)}) is ignored: write ${expected}`)
      }
    }
  }
  return settings as T
}

/** How much of the letters of two names is the same, from 0 to 1. */
function likeness(name: string, other: string) {
  return [...name].filter((letter) => other.includes(letter)).length / Math.max(name.length, other.length)
}

function reportIdleUser(
  isSet: boolean,
  entries: ReadonlyArray<Pick<Entry, 'carrier'>>,
  prefix: string,
  report: Report,
) {
  if (isSet && !entries.some(({ carrier }) => carrier === 'baggage')) {
    report(`${prefix}propagateUser does nothing without carrier: 'baggage'`)
  }
}

/** Turns a match option into a test on a URL; `undefined`: it is none. */
function compileMatch(match: unknown, report: Report): Pick<Entry, 'matches' | 'prefix'> | undefined {
  if (typeof match === 'string') {
    return compilePrefix(match)
  }
  if (classOf(match) === 'RegExp' || typeof match === 'function') {
    return { matches: ({ href }) => matchesUrl(match as MatchOption, href, report) }
  }
  return undefined
}

function compilePrefix(prefix: string): Pick<Entry, 'matches' | 'prefix'> | undefined {
  const [text, slash] = /^(?:(\/)(?![/\\])|(?:https?|wss?):\/\/)[^?#*]*$/i.exec(prefix) ?? []
  const url = text ? parseUrl(text, 'https://page.invalid') : undefined
  // Some browsers encode or take what cannot be part of a host.
  const [, origin, path] = /^(\w+:\/\/[\w.:[\]-]+)(\/.*)/.exec(url?.href ?? '') ?? []
  if (!origin) {
    return undefined
  }
  const whole = `${slash ? pageOrigin() : origin}${path}`
  // The handshake of a WebSocket goes where the calls go.
  const ofSocket = whole.replace(/^http/, 'ws')
  return { prefix: whole, matches: ({ href }) => isWithin(href, whole) || isWithin(href, ofSocket) }
}

/** Whether a URL is another one, with a query or without, or below it. */
function isWithin(url: string, whole: string) {
  return url.startsWith(whole) && (whole.endsWith('/') || '/?#'.includes(url.charAt(whole.length)))
}

/** A short text for a console message; it must not throw on whatever the page passed. */
function describe(value: unknown): string {
  try {
    return typeof value === 'string'
      ? `'${value}'`
      : classOf(value) === 'RegExp'
        ? `${value}`
        : (JSON.stringify(value) ?? typeof value)
  } catch {
    return typeof value
  }
}
