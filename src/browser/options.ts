import type { MatchOption } from '@datadog/browser-core'
import { Array, JSON, Object, RegExp, String, URL } from '../lib/globals.js'
import { isObject } from '../lib/isObject.js'
import { httpProtocol, type NetworkUrl, originOf, pageOrigin } from './networkUrl.js'

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

const CARRIERS: Carrier[] = ['body', 'query', 'baggage', 'trace-tags']
const ENTRY_OPTIONS = ['match', 'carrier', 'field', 'propagateUser']
const OPTIONS = ['origins', 'carrier', 'field', 'propagateUser', 'startupTimeout', 'annotateResources', 'debug']
const DEFAULTS = { carrier: 'body', path: ['session_id'], propagateUser: false } as const
const TRUE_OR_FALSE = 'true or false'
const HOW_TO_WRITE =
  "write an origin or URL prefix ('https://agent.example.com/v1'), a path on the page's origin ('/api/chat'), " +
  'a RegExp, a function, or { match, carrier, field, propagateUser }'

/** An entry of `origins`, checked and completed with its defaults. */
export interface Entry {
  /** Whether the entry takes a call to this URL. */
  readonly matches: (url: Pick<NetworkUrl, 'href' | 'protocol' | 'host' | 'pathname'>) => boolean
  /**
   * What all URLs that the entry takes start with once they are parsed, credentials and `ws` for `http` aside; one of them
   * itself. `undefined` where the entry does not tell.
   */
  readonly prefix?: string | undefined
  /** Whether {@link matches} gives the same answer for the same URL each time. */
  readonly stable: boolean
  readonly carrier: Carrier
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
  const options = (Array.isArray(input) ? { origins: input } : isObject(input) ? input : {}) as Options
  const defaults = readCarrierOptions(options, DEFAULTS, '', report)
  const origins = own(options, 'origins')
  const entries: Entry[] = []

  if (!Array.isArray(origins) || !origins.length) {
    report(
      `'origins' must be a list of at least one AI-agent endpoint, and is ${describe(isObject(input) ? origins : input)}: ${HOW_TO_WRITE}`,
    )
  } else {
    origins.forEach((origin: unknown, index) => {
      const name = `origins[${index}] (${describe(origin)})`
      try {
        const isEntry = isObject(origin) && !(origin instanceof RegExp)
        const match = isEntry ? own(origin, 'match') : origin
        const matcher = compileMatch(match)
        if (typeof matcher === 'string') {
          report(`${name} ${matcher}: ${HOW_TO_WRITE}`)
          return
        }
        const entryOptions = isEntry ? origin : {}
        const settings = readCarrierOptions(entryOptions, defaults, `${name}.`, report)
        entries.push({ ...settings, ...matcher, label: describe(match) })
        reportUnknown(entryOptions, ENTRY_OPTIONS, `${name}.`, report)
        if (own(entryOptions, 'propagateUser') === true) {
          reportIdleUser([settings], `${name}.`, report)
        }
      } catch (error) {
        report(`${name} cannot be read (${String(error)}): ${HOW_TO_WRITE}`)
      }
    })
    reportUnknown(options, OPTIONS, '', report)
    if (defaults.propagateUser) {
      reportIdleUser(entries, '', report)
    }
  }

  const read = optionReader(options, '', report)
  return {
    entries,
    startupTimeout: read('startupTimeout', isDuration, 500, 'a number of milliseconds, 0 or more'),
    annotateResources: read('annotateResources', isBoolean, true, TRUE_OR_FALSE),
    debug: read('debug', isBoolean, false, TRUE_OR_FALSE),
  }
}

/** What the page itself set: nothing that all objects inherit counts for an option. */
function own(options: Options, name: string): unknown {
  return Object.getOwnPropertyDescriptor(options, name) && options[name]
}

function reportUnknown(options: Options, known: readonly string[], prefix: string, report: Report) {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const nearest = known.reduce((best, other) => (likeness(name, other) > likeness(name, best) ? other : best))
      report(`${prefix}${name} is no option: did you mean '${nearest}'?`)
    }
  }
}

/** How much of the letters of two names is the same, from 0 to 1. */
function likeness(name: string, other: string) {
  return [...name].filter((letter) => other.includes(letter)).length / Math.max(name.length, other.length)
}

function reportIdleUser(entries: ReadonlyArray<Pick<Entry, 'carrier'>>, prefix: string, report: Report) {
  if (!entries.some(({ carrier }) => carrier === 'baggage')) {
    report(`${prefix}propagateUser does nothing without carrier: 'baggage'`)
  }
}

function readCarrierOptions(
  options: Options,
  defaults: Pick<Entry, 'carrier' | 'path' | 'propagateUser'>,
  prefix: string,
  report: Report,
): Pick<Entry, 'carrier' | 'path' | 'propagateUser'> {
  const read = optionReader(options, prefix, report)
  const field = read('field', isField, '', "a name or a dotted path ('metadata.session_id')")
  return {
    carrier: read('carrier', isCarrier, defaults.carrier, `'${CARRIERS.join("', '")}'`),
    path: field ? (field.split('.') as [string, ...string[]]) : defaults.path,
    propagateUser: read('propagateUser', isBoolean, defaults.propagateUser, TRUE_OR_FALSE),
  }
}

/** Reads options one by one: a wrong one is reported under its name, and its default returned. */
function optionReader(options: Options, prefix: string, report: Report) {
  return <T>(name: string, isValid: (value: unknown) => value is T, fallback: T, expected: string): T => {
    const value = own(options, name)
    if (value === undefined) {
      return fallback
    }
    if (isValid(value)) {
      return value
    }
    report(`${prefix}${name} (${describe(value)}) is ignored: write ${expected}`)
    return fallback
  }
}

/** Turns a match option into a test on a URL, or says what is wrong with it. */
function compileMatch(match: unknown): Pick<Entry, 'matches' | 'stable' | 'prefix'> | string {
  if (typeof match === 'string') {
    return compilePrefix(match)
  }
  if (match instanceof RegExp) {
    // A copy, so that the lastIndex of the page's own object is neither used nor moved.
    const pattern = new RegExp(match)
    return {
      stable: true,
      matches: (url) => {
        pattern.lastIndex = 0
        return pattern.test(url.href)
      },
    }
  }
  if (typeof match === 'function') {
    return {
      stable: false,
      matches: (url) => {
        try {
          return !!match(url.href)
        } catch {
          return false
        }
      },
    }
  }
  return 'is no endpoint'
}

function compilePrefix(prefix: string): Pick<Entry, 'matches' | 'stable' | 'prefix'> | string {
  const isPath = /^\/(?![/\\])/.test(prefix)
  if (!isPath && !/^(https?|wss?):\/\//i.test(prefix)) {
    return 'has no scheme'
  }
  if (/[?#]/.test(prefix)) {
    return 'has a query or a hash'
  }
  if (prefix.includes('*')) {
    return 'has a wildcard'
  }
  let url: URL
  try {
    url = new URL(prefix, 'https://page.invalid')
  } catch {
    return 'is no valid URL'
  }
  // Some browsers encode or take what cannot be part of a host.
  if (/[^\w.:[\]-]/.test(url.host)) {
    return 'is no valid URL'
  }
  if (url.username || url.password) {
    return 'has credentials'
  }
  const { protocol: ownProtocol, host: ownHost, pathname: path } = url
  const below = path.replace(/\/?$/, '/')
  return {
    stable: true,
    prefix: isPath ? pageOrigin() + path : url.href,
    matches: ({ protocol, host, pathname }) =>
      (pathname === path || pathname.startsWith(below)) &&
      (isPath
        ? originOf({ protocol, host }) === pageOrigin()
        : host === ownHost && (protocol === ownProtocol || httpProtocol(protocol) === ownProtocol)),
  }
}

function isCarrier(value: unknown): value is Carrier {
  return CARRIERS.includes(value as Carrier)
}

function isField(value: unknown): value is string {
  return typeof value === 'string' && value.split('.').every((part) => part.trim() !== '')
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

/** A short text for a console message; it must not throw on whatever the page passed. */
function describe(value: unknown): string {
  try {
    return typeof value === 'string'
      ? `'${value}'`
      : value instanceof RegExp
        ? String(value)
        : typeof value === 'function'
          ? 'function'
          : (JSON.stringify(value) ?? String(value))
  } catch {
    return typeof value
  }
}
