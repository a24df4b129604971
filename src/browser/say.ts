/**
 * The console as it was when the package was loaded: what RUM or the page puts over it is not to hear of this package. Browser-core's
 * `display` does the same; a copy of all of it would make the script-tag bundle larger.
 */
export const { log, warn, error } = console

/** Prints a message as the RUM SDK prints its own. A console that throws decides on no call. */
export function say(how: typeof log, what: unknown) {
  try {
    how('Datadog Browser SDK: llmCorrelation:', what)
  } catch {
    // There is nobody to tell.
  }
}
