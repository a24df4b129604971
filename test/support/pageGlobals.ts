// The globals that test pages add to the browser's, for the functions that tests send to a page.
import type { datadogRum } from '@datadog/browser-rum'
import type * as library from '../../src/index.js'

declare global {
  var DD_RUM: typeof datadogRum
  var DD_LLM_CORRELATION: typeof library
  /** The notes of the page's scripts, which the test compares. */
  var noted: unknown[]
  /** The plugin of a page whose RUM is a stub. */
  var plugin: library.LlmCorrelationPlugin & { onInit(argument: unknown): void; onRumStart(argument?: unknown): void }
}
