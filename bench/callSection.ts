import { type Call, VARIANTS } from './call.js'
import { label, spread, table } from './format.js'
import { MATCHED, PEERS, PLUGIN, UNMATCHED } from './goals.js'
import { NAMES } from './names.js'
import { COLD_VARIANTS } from './startup.js'
import type { Summaries } from './summaries.js'

/** The section of the report on the cost of one call. */
export function callSection({ added, nativeFetch, cold, ratio }: Summaries): string {
  const costs = (calls: readonly Call[]) =>
    table(
      ['', ...calls.map(label)],
      VARIANTS.map((variant) => [
        variant === 'none' ? '*the call itself*' : NAMES[variant],
        ...calls.map((call) => spread(added[call][variant], 2)),
      ]),
    )
  const ratios = (calls: readonly Call[]) =>
    table(
      ['', ...calls.map(label)],
      [...PLUGIN.slice(1), ...PEERS, 'rum' as const].map((variant) => [
        NAMES[variant],
        ...calls.map((call) => spread(ratio(call, variant, 'plugin-body'), 1)),
      ]),
    )
  const firstCalls = ['not matching', 'matching', 'matching again']
  return `## What one call costs, in µs

Added to the same call over nothing: the synchronous part alone, over a stubbed network. \`same\`: a URL
that is called again and again. \`new\`: one that was not called before. The browser's own \`fetch\` of
the matching call takes ${spread(nativeFetch, 0)} µs.

### Not matching

${costs(UNMATCHED)}

As ratios, to what this plugin adds with \`body\`:

${ratios(UNMATCHED)}

### Matching: a POST of 250 bytes of JSON

\`read\`: over a stub that reads its arguments as the browser does, so that work that a library puts off
counts too.

${costs(MATCHED)}

As ratios, to what this plugin adds with \`body\`:

${ratios(MATCHED)}

### The first calls of a fresh page, before anything is optimized (absolute)

${table(
  ['', ...firstCalls],
  COLD_VARIANTS.map((variant) => [NAMES[variant], ...firstCalls.map((call) => spread(cold[variant][call], 0))]),
)}`
}
