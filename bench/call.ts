/**
 * The calls that are timed.
 *
 * - `new`: to a URL that the page has not called before.
 * - `same`: to a URL that the page calls repeatedly.
 * - `read`: over a stub that reads its arguments as the browser's `fetch` does.
 */
export const CALLS = [
  'fetch absolute same',
  'fetch absolute new',
  'fetch relative same',
  'fetch relative new',
  'fetch matching',
  'fetch matching new',
  'fetch matching read',
  'xhr absolute same',
  'xhr absolute new',
  'xhr relative same',
  'xhr relative new',
  'xhr matching',
  'xhr matching new',
] as const
export type Call = (typeof CALLS)[number]

/** What is between a page's call and the network. `none`: nothing. */
export const VARIANTS = [
  'none',
  'identity',
  'handWritten',
  'plugin-body',
  'plugin-query',
  'plugin-baggage',
  'plugin-trace-tags',
  'posthog',
  'opentelemetry',
  'sentry',
  'rum',
  'rum-tracer',
  'rum-plugin',
] as const
export type Variant = (typeof VARIANTS)[number]
