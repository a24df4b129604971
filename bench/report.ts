import type { BodyCost } from './bodyGrowth.js'
import { CALLS, type Call, VARIANTS, type Variant } from './call.js'
import type { CallCosts } from './callCost.js'
import type { Chart } from './chart.js'
import type { Content, Form, Work } from './pages/bodies.js'
import { PREFLIGHT_VARIANTS, type Preflights, REQUEST_KINDS } from './preflights.js'
import type { ServerCosts } from './serverCost.js'
import { serverGoals } from './serverGoals.js'
import type { Sizes } from './size.js'
import { COLD_VARIANTS, type ColdCosts, type HeapGrowth, type StartTimes } from './startup.js'
import { pairwise, type Summary, summarize } from './statistics.js'
import type { StreamTimes } from './streaming.js'

export interface Measurements {
  readonly environment: Record<string, string>
  readonly callCosts: CallCosts
  readonly bodyCosts: BodyCost[]
  readonly streams: StreamTimes[]
  readonly preflights: Preflights
  readonly start: StartTimes
  readonly cold: ColdCosts
  readonly heap: HeapGrowth
  readonly sizes: Sizes
  readonly serverCosts: ServerCosts
}

interface Goal {
  readonly goal: string
  readonly measured: string
  readonly isMet: boolean
}

export const NAMES: Record<Variant, string> = {
  none: 'nothing',
  identity: 'identity wrapper',
  handWritten: 'written by hand at each call',
  'plugin-body': 'this plugin, body',
  'plugin-query': 'this plugin, query',
  'plugin-baggage': 'this plugin, baggage',
  'plugin-trace-tags': 'this plugin, trace-tags',
  posthog: 'PostHog tracing headers',
  opentelemetry: 'OpenTelemetry fetch + XHR',
  sentry: 'Sentry tracing',
  rum: 'RUM SDK',
  'rum-tracer': 'RUM SDK with its tracer',
  'rum-plugin': 'RUM SDK with this plugin, body',
}
const PLUGIN = ['plugin-body', 'plugin-query', 'plugin-baggage', 'plugin-trace-tags'] as const
const PEERS = ['posthog', 'opentelemetry', 'sentry', 'rum-tracer'] as const
const UNMATCHED = CALLS.filter((call) => !call.includes('matching'))
const MATCHED = CALLS.filter((call) => call.includes('matching'))

type ByCall<T> = Record<Call, Record<Variant, T>>

export function writeReport(measurements: Measurements) {
  const { callCosts, environment, cold, start, streams, heap, sizes, preflights } = measurements
  // What a variant adds to a call: microseconds, against the same call over nothing, round by round.
  const rounds = {} as ByCall<number[]>
  const added = {} as ByCall<Summary>
  for (const call of CALLS) {
    const own = callCosts.calls[call]
    rounds[call] = mapValues(own, (values) =>
      values === own.none ? values : pairwise(values, own.none, (value, none) => value - none),
    )
    added[call] = mapValues(rounds[call], summarize)
  }
  const ratio = (call: Call, variant: Variant, other: Variant) =>
    summarize(pairwise(rounds[call][variant], rounds[call][other], (value, to) => value / to))
  const bodies = measurements.bodyCosts.map((cost) => ({
    ...cost,
    millis: mapValues(cost.taken, summarize),
    toParse: summarize(pairwise(cost.taken.plugin, cost.taken['parse and stringify'], (a, b) => a / b)),
    toBrowser: summarize(pairwise(cost.taken.plugin, cost.taken.browser, (a, b) => a / b)),
  }))
  const streamed = streams.map(({ delay, first, last, correlated }) => ({
    delay,
    correlated,
    first: mapValues(first, summarize),
    last: mapValues(last, summarize),
    firstLater: summarize(pairwise(first.with, first.without, (a, b) => a - b)),
  }))
  const nativeFetch = summarize(callCosts.nativeFetch)
  const startSummary = mapValues(start, summarize)
  const coldSummary = mapValues(cold, (calls) => mapValues(calls, summarize))
  const requests = mapValues(measurements.serverCosts, ({ nothing, register, tracer }) => ({
    nothing: summarize(nothing),
    register: summarize(pairwise(register, nothing, (value, without) => value - without)),
    tracer: summarize(pairwise(tracer, nothing, (value, without) => value - without)),
  }))
  const growth = ([first = 0, ...others]: number[]) => (others.at(-1) ?? first) - first
  // Beside a page without the plugin, whose heap is not of the same size each time either.
  const perCall = (growth(heap.bytes['plugin-body']) - growth(heap.bytes.none)) / (heap.calls.at(-1) ?? 1)
  const body = (content: Content, form: Form) => {
    const largest = bodies.filter((one) => one.content === content && one.form === form).at(-1)
    if (!largest) {
      throw new Error(`No body was measured for ${content} as ${form}.`)
    }
    return largest
  }

  const goals: Goal[] = [
    ...UNMATCHED.map((call): Goal => {
      const limit = Math.max(3 * added[call].identity.median, 0.5)
      const plugin = added[call]['plugin-body'].median
      const peers = Math.min(...PEERS.map((peer) => added[call][peer].median))
      return {
        goal: `${label(call)}: at most 3 × identity wrapper or 0.5 µs, and below every peer`,
        measured: `${micros(plugin)}; the fastest peer ${micros(peers)}`,
        isMet: plugin <= limit && plugin < peers,
      }
    }),
    ...MATCHED.flatMap((call) =>
      PLUGIN.map((variant): Goal => {
        const share = ratio(call, variant, 'posthog')
        const [part, limit] = call.startsWith('xhr') ? ['a third', 1 / 3] : ['a fifth', 0.2]
        return {
          goal: `${label(call)}, ${variant.slice(7)}: at most ${part} of PostHog's`,
          measured: `${percentSpread(share)} (${micros(added[call][variant].median)} of ${micros(added[call].posthog.median)})`,
          isMet: share.median <= limit,
        }
      }),
    ),
    ...(['string', 'bytes'] as const).flatMap((form): Goal[] => [
      ...(['chat', 'table'] as const).flatMap((content) => {
        const { toParse, toBrowser } = body(content, form)
        return [
          atMost(`10 MB of ${content} as ${form}: at most 10 % of parse + stringify`, toParse, 0.1),
          atMost(`10 MB of ${content} as ${form}: at most 10 % of the browser's own encoding`, toBrowser, 0.1),
        ]
      }),
      atMost(
        `10 MB as ${form}, \`"session_id"\` deep inside: not above parse + stringify`,
        body('name inside', form).toParse,
        1,
      ),
    ]),
    ...streamed.map(({ delay, first, firstLater }): Goal => {
      const later = firstLater.median / first.without.median
      return {
        goal: `first chunk, agent answers ${delay ? `after ${delay} ms` : 'at once'}: at most 2 % later`,
        measured: `${percent(later)} (${spread(firstLater, 2)} ms)`,
        isMet: later <= 0.02,
      }
    }),
    ...serverGoals(requests),
    {
      goal: `memory after ${count(heap.calls.at(-1) ?? 0)} calls: flat`,
      measured: `${perCall.toFixed(2)} bytes more per call than without the plugin`,
      isMet: perCall < 1,
    },
    size('CDN bundle', 10_240),
    size('npm import, added to a page that has RUM', 10_000),
  ]

  function atMost(goal: string, share: Summary, limit: number): Goal {
    return { goal, measured: percentSpread(share), isMet: share.median <= limit }
  }

  function size(name: string, limit: number): Goal {
    const { gzip = Number.NaN } = sizes[name] ?? {}
    return {
      goal: `${name}: at most ${count(limit)} bytes gzip`,
      measured: `${count(gzip)} bytes`,
      isMet: gzip <= limit,
    }
  }

  const works: Work[] = ['plugin', 'insert by hand', 'parse and stringify', 'browser']
  const markdown = `# Results

${Object.values(environment).join(' · ')}

Medians; in brackets the first and third quartile.

## Goals

${table(
  ['goal', 'measured', 'met'],
  goals.map(({ goal, measured, isMet }) => [goal, measured, isMet ? 'yes' : '**no**']),
)}

## What one call costs, in µs

Added to the same call over nothing, the synchronous part alone, over a stubbed network. \`same\`: a URL that is called again
and again; \`new\`: one that was not called before. The browser's own \`fetch\` of the matching call takes
${spread(nativeFetch, 0)} µs.

### Not matching

${costTable(UNMATCHED)}

As ratios, to what this plugin adds with \`body\`:

${ratioTable(UNMATCHED)}

### Matching: a POST of 250 bytes of JSON

\`read\`: over a stub that reads its arguments as the browser does, so that what is put off until then counts, too.

${costTable(MATCHED)}

As ratios, to what this plugin adds with \`body\`:

${ratioTable(MATCHED)}

### The first calls of a fresh page, before anything is optimized (absolute)

${table(
  ['', 'not matching', 'matching', 'matching again'],
  COLD_VARIANTS.map((variant) => [
    NAMES[variant],
    ...['not matching', 'matching', 'matching again'].map((call) => spread(coldSummary[variant][call], 0)),
  ]),
)}

## What a body costs, in ms

\`browser\`: \`new Request\` with that body, which is how \`fetch\` begins. \`insert by hand\`: a copy with the member in front, without a look at what
is in the text. \`parse and stringify\`: for bytes with decoding and encoding.

${table(
  ['body', 'size', ...works, 'to parse + stringify', 'to browser'],
  bodies.map(({ content, form, size, millis, toParse, toBrowser }) => [
    `${content}, ${form}`,
    count(size),
    ...works.map((work) => spread(millis[work], 3)),
    percentSpread(toParse),
    percentSpread(toBrowser),
  ]),
)}

## A streamed answer over HTTP, in ms

${table(
  ['agent answers', 'chunk', 'without', 'with'],
  streamed.flatMap(({ delay, first, last }) =>
    [['first', first] as const, ['last', last] as const].map(([chunk, times]) => [
      delay ? `after ${delay} ms` : 'at once',
      chunk,
      spread(times.without, 2),
      spread(times.with, 2),
    ]),
  ),
)}

## CORS preflights of one call to another origin

${table(
  ['', ...REQUEST_KINDS],
  PREFLIGHT_VARIANTS.map((variant) => [
    NAMES[variant],
    ...REQUEST_KINDS.map((kind) => String(preflights[variant][kind])),
  ]),
)}

## Start, in ms

${table(
  ['', 'fresh page'],
  Object.entries(startSummary).map(([name, summary]) => [name, spread(summary, 2)]),
)}

## A request on the server, in µs

What \`rum-llm-correlation/register\` adds to a request from its arrival to its answer, without sockets, beside what the tracer
(dd-trace with LLM Observability) adds.

${table(
  ['', 'nothing', 'register adds', 'the tracer adds'],
  Object.entries(requests).map(([kind, { nothing, register, tracer }]) => [
    kind,
    spread(nothing, 2),
    spread(register, 2),
    spread(tracer, 1),
  ]),
)}

## Memory: JavaScript heap in use after garbage collection, in kB

${table(
  ['calls', ...heap.calls.map(count)],
  Object.entries(heap.bytes).map(([variant, bytes]) => [
    NAMES[variant as Variant],
    ...bytes.map((value) => count(value / 1000)),
  ]),
)}

## Size, in bytes

${table(
  ['', 'minified', 'gzip', 'brotli'],
  Object.entries(sizes).map(([name, { minified, gzip, brotli }]) => [
    name,
    count(minified),
    count(gzip),
    count(brotli),
  ]),
)}
`

  function costTable(calls: readonly Call[]): string {
    return table(
      ['', ...calls.map(label)],
      VARIANTS.map((variant) => [
        variant === 'none' ? '*the call itself*' : NAMES[variant],
        ...calls.map((call) => spread(added[call][variant], 2)),
      ]),
    )
  }

  function ratioTable(calls: readonly Call[]): string {
    return table(
      ['', ...calls.map(label)],
      [...PLUGIN.slice(1), ...PEERS, 'rum' as const].map((variant) => [
        NAMES[variant],
        ...calls.map((call) => spread(ratio(call, variant, 'plugin-body'), 1)),
      ]),
    )
  }

  const chart: Chart = {
    environment: Object.values(environment).join(' · '),
    names: NAMES,
    unmatched: mapToVariants((variant) => added['fetch absolute new'][variant]),
    matched: mapToVariants((variant) => added['fetch matching read'][variant]),
    growth: bodies.filter(({ content, form }) => content === 'chat' && form === 'string'),
  }
  function mapToVariants(of: (variant: Variant) => Summary) {
    return Object.fromEntries(VARIANTS.map((variant) => [variant, of(variant)])) as Record<Variant, Summary>
  }

  const json = {
    environment,
    goals,
    addedMicrosPerCall: added,
    nativeFetch,
    coldMicros: coldSummary,
    bodyMillis: bodies.map(({ taken: _, ...rest }) => rest),
    streams: streamed,
    preflights,
    startMillis: startSummary,
    requestMicros: requests,
    heap,
    sizes,
  }
  return { json, markdown, goals, chart }
}

function label(call: Call): string {
  return call.replace('xhr', 'XHR')
}

function spread(summary: Summary | undefined, digits: number): string {
  return summary
    ? `${summary.median.toFixed(digits)} [${summary.low.toFixed(digits)}–${summary.high.toFixed(digits)}]`
    : ''
}

function micros(value: number) {
  return `${value.toFixed(2)} µs`
}

function percent(share: number) {
  return `${(share * 100).toFixed(1)} %`
}

function percentSpread({ median, low, high }: Summary) {
  return `${percent(median)} [${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)}]`
}

function count(value: number) {
  return Math.round(value).toLocaleString('en-US')
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (column ? '--:' : '---'))), ...rows.map(line)].join('\n')
}

function mapValues<K extends string, V, R>(record: Record<K, V>, map: (value: V) => R): Record<K, R> {
  return Object.fromEntries(Object.entries<V>(record).map(([key, value]) => [key, map(value)])) as Record<K, R>
}
