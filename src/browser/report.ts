import * as natives from '../defence/natives.js'
import { pageOrigin } from '../defence/pageOrigin.js'
import type { Call, NetworkUrl } from './call.js'
import type { Entry } from './entry.js'
import { endpointOf } from './networkUrl.js'
import type { Decided } from './outcome.js'
import type { Settings } from './settings.js'
import { VERSION } from './version.js'

/** What a plugin instance tells the page's developer. */
export interface Report {
  /** A warning names the entry and the reason, so it comes once for each pair of them. */
  warnOnce(text: string): void
  /** With `debug`, says that it is on, and what the entries are. */
  onInit(): void
  /**
   * Warns if the page must change something. With `debug`, says what was done with the call. An
   * outcome that is not final is not reported.
   */
  onOutcome(call: Call, entry: Entry, outcome: Decided): void
  /** Warns that a RegExp in RUM's options takes calls only as long as they have no query parameter. */
  onLostPattern(entry: Entry, pattern: string): void
  /** Warns that a call failed to which these headers were added: CORS is a likely cause. */
  onFailedCall(entry: Entry, url: NetworkUrl, headers: readonly string[]): void
  /** With `debug`, says once for each endpoint that no entry takes it. */
  readonly onMiss: ((url: NetworkUrl) => void) | undefined
  /** With `debug`, prints a failure of the plugin that the page does not see. */
  onFailure(failure: unknown): void
}

/** Prints an error: a message, or what was thrown. */
export function printError(failure: unknown): void {
  print(natives.error, failure)
}

/** Prints like the RUM SDK. A console that throws must not decide about a call. */
function print(how: typeof natives.log, what: unknown): void {
  try {
    how('Datadog Browser SDK: llmCorrelation:', what)
  } catch {
    // Nobody else can be told.
  }
}

export function createReport({ debug, entries }: Settings): Report {
  const warnOnce = createOncePrinter(natives.warn)
  const logOnce = createOncePrinter(natives.log)
  const logIfDebug = (what: unknown) => {
    if (debug) {
      print(natives.log, what)
    }
  }
  return {
    warnOnce,
    onFailure: logIfDebug,
    onMiss: debug ? (url) => logOnce(`${endpointOf(url.href)}: no entry takes it`) : undefined,

    onInit() {
      const list = entries.map(({ label, carrier, field }) => ` ${label} (${carrier}, ${field})`)
      logIfDebug(`${VERSION}, debug is on. Entries:${list}`)
    },

    onOutcome(call, entry, outcome) {
      if (call.isPartial) {
        return
      }
      if (outcome.kind === 'left' && outcome.hint) {
        warnOnce(`calls to ${entry.label} are not correlated: ${outcome.hint}`)
      }
      if (debug) {
        const { method, url } = call
        logIfDebug(`${method.toUpperCase()} ${endpointOf(url.href)}: ${summarize(outcome, entry)}`)
      }
    },

    onLostPattern: ({ label }, pattern) => warnOnce(lostPatternWarning(label, pattern)),

    onFailedCall({ label }, { href }, headers) {
      if (headers.length && !href.startsWith(`${pageOrigin()}/`)) {
        warnOnce(`a call to ${label} failed. If for CORS, its server must allow ${headers.join()}`)
      }
    },
  }
}

function lostPatternWarning(label: string, pattern: string): string {
  return `RUM's ${pattern} does not take calls to ${label} with a query parameter: end it with (\\?|$), or set 'methods'`
}

/** How many texts are remembered. After that, all are forgotten, and may come once more. */
const MAX_PRINTED = 5000

function createOncePrinter(how: typeof natives.log): (text: string) => void {
  const printed = new natives.Map<string, true>()
  return (text) => {
    if (!printed.has(text)) {
      if (printed.size >= MAX_PRINTED) {
        printed.clear()
      }
      printed.set(text, true)
      print(how, text)
    }
  }
}

/** The carrier and the field, and why. */
function summarize(outcome: Decided, { field }: Entry): string {
  if (outcome.kind !== 'carried') {
    return `none (${outcome.kind === 'left' ? outcome.reason : outcome.why})`
  }
  const { carrier, why } = outcome
  const place = carrier === 'body' || carrier === 'query' ? `${carrier} ${field}` : carrier
  return why ? `${place} (${why})` : place
}
