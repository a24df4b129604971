// What a page has beside the browser's own globals, for the functions that tests send to it.
import type { datadogRum } from '@datadog/browser-rum'
import type * as library from '../../src/index.js'

declare global {
  var DD_RUM: typeof datadogRum
  var DD_LLM_CORRELATION: typeof library
  /** What the page's own scripts note, for the test to compare. */
  var noted: unknown[]
  /** The plugin of a page whose RUM is a stub. */
  var plugin: library.LlmCorrelationPlugin & { onInit(argument: unknown): void; onRumStart(argument?: unknown): void }
}
