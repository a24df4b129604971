import type { Variant } from './call.js'
import type { writeReport } from './report.js'

type Results = ReturnType<typeof writeReport>['json']

const KINDS = {
  unmatched: 'fetch absolute new',
  matched: 'fetch matching read',
} as const

const COMPARED: ReadonlyArray<[name: string, variant: Variant, size: string]> = [
  ['this plugin, `body`', 'plugin-body', 'npm import, added to a page that has RUM'],
  ['PostHog tracing headers', 'posthog', 'PostHog tracing headers alone'],
  ['OpenTelemetry fetch + XHR', 'opentelemetry', 'OpenTelemetry fetch + XHR'],
  ['Sentry tracing', 'sentry', 'Sentry with tracing'],
  ['the RUM SDK itself', 'rum', 'RUM SDK alone'],
]

/** The results that matter to a user. They come before all others. */
export function writeSummary(results: Results): string {
  const { addedMicrosPerCall: added, nativeFetch, streams, sizes, startMillis, preflights, requestMicros } = results
  const plugin = (call: (typeof KINDS)[keyof typeof KINDS]) => added[call]['plugin-body'].median
  // A negative difference is noise, and counts as zero.
  const later = streams.map(({ firstLater }) => Math.max(firstLater.median, 0))
  const [at = 0, after = 0] = [Math.min(...later), Math.max(...later)]
  const request = Object.entries(requestMicros ?? {}).find(([kind]) => kind.startsWith('without'))?.[1]
  const kilobytes = (name: string) => `${((sizes[name]?.gzip ?? Number.NaN) / 1000).toFixed(1)} kB`
  const rows = [
    ['a call that matches no entry', `${micros(plugin(KINDS.unmatched))} µs`],
    [
      'a matching call, 250 bytes of JSON',
      `${micros(plugin(KINDS.matched))} µs; the browser's own \`fetch\` takes ${Math.round(nativeFetch.median)} µs`,
    ],
    ['the first chunk of a streamed answer', `${at.toFixed(1)} to ${after.toFixed(1)} ms later`],
    [
      'CORS preflights, with `body` and `query`',
      `none of its own (JSON POST: ${preflights['plugin-body']['JSON POST']}, as without it)`,
    ],
    [
      'the start of a page',
      `${((startMillis['llmCorrelation()']?.median ?? 0) + (startMillis.onInit?.median ?? 0)).toFixed(1)} ms of script`,
    ],
    ['a page that has RUM, from npm', `${kilobytes('npm import, added to a page that has RUM')} gzip`],
    ['a page with script tags', `${kilobytes('CDN bundle')} gzip`],
    ...(request
      ? [
          [
            'a request on a Node.js server, without an id',
            `${micros(request.register.median)} µs; the tracer itself takes ${Math.round(request.tracer.median)} µs`,
          ],
        ]
      : []),
  ]
  const compared = COMPARED.map(([name, variant, size]) => [
    name,
    micros(added[KINDS.unmatched][variant].median),
    micros(added[KINDS.matched][variant].median),
    kilobytes(size),
  ])
  return `| What it adds to | |
|---|---|
${table(rows)}

Beside what else a page would install for it, in µs that it adds to a call, and in size:

| | no match | match | gzip |
|---|--:|--:|--:|
${table(compared)}
`
}

function micros(value: number) {
  return value >= 99.5 ? value.toFixed(0) : value.toPrecision(2).replace(/^(\d\d)\d*.*$/, '$1')
}

function table(rows: string[][]) {
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
