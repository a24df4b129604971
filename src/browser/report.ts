import * as natives from '../defence/natives.js'
import { pageOrigin } from '../defence/pageOrigin.js'
import type { Call, NetworkUrl } from './call.js'
import type { Entry } from './entry.js'
import { endpointOf } from './networkUrl.js'
import type { Decided } from './outcome.js'
import { VERSION } from './version.js'

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

/** How many texts are remembered. After that, all are forgotten, and may come once more. */
const MAX_PRINTED = 5000

const printed = new natives.Map<string, true>()

/** A warning names the entry and the reason, so it comes once for each pair of them. */
export function warnOnce(text: string): void {
  printOnce(natives.warn, text)
}

function printOnce(how: typeof natives.log, text: string): void {
  if (!printed.has(text)) {
    if (printed.size >= MAX_PRINTED) {
      printed.clear()
    }
    printed.set(text, true)
    print(how, text)
  }
}

/** Prints for `debug`: a message, or a failure of the plugin that the page does not see. */
export function printDebug(what: unknown): void {
  print(natives.log, what)
}

/** Says that `debug` is on, and what the entries are. */
export function printEntries(entries: readonly Entry[]): void {
  const list = entries.map(({ label, carrier, field }) => ` ${label} (${carrier}, ${field})`)
  printDebug(`${VERSION}, debug is on. Entries:${list}`)
}

/** Says once for each endpoint that no entry takes it. */
export function printMiss({ href }: NetworkUrl): void {
  printOnce(natives.log, `${endpointOf(href)}: no entry takes it`)
}

/**
 * Warns if the page must change something. With `debug`, says what was done with the call. An
 * outcome that is not final is not reported.
 */
export function reportOutcome({ method, url, isPartial }: Call, entry: Entry, outcome: Decided, debug: boolean): void {
  if (isPartial) {
    return
  }
  if (outcome.kind === 'left' && outcome.hint) {
    warnOnce(`calls to ${entry.label} are not correlated: ${outcome.hint}`)
  }
  if (debug) {
    printDebug(`${method.toUpperCase()} ${endpointOf(url.href)}: ${summarize(outcome, entry)}`)
  }
}

/** Warns that a RegExp in RUM's options takes calls only as long as they have no query parameter. */
export function warnOfLostPattern({ label }: Entry, pattern: string): void {
  warnOnce(
    `RUM's ${pattern} does not take calls to ${label} with a query parameter: end it with (\\?|$), or set 'methods'`,
  )
}

/** Warns that a call failed to which these headers were added: CORS is a likely cause. */
export function warnOfFailedCall({ label }: Entry, { href }: NetworkUrl, headers: readonly string[]): void {
  if (headers.length && !href.startsWith(`${pageOrigin()}/`)) {
    warnOnce(`a call to ${label} failed. If for CORS, its server must allow ${headers.join()}`)
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
