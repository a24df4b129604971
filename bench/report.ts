import { type Call, VARIANTS, type Variant } from './call.js'
import { callSection } from './callSection.js'
import type { Chart } from './chart.js'
import { count, percentSpread, spread, table } from './format.js'
import { goalsOf } from './goals.js'
import { GROWTH_SIZES } from './growth.js'
import { NAMES } from './names.js'
import type { Work } from './pages/bodies.js'
import { PREFLIGHT_VARIANTS, REQUEST_KINDS } from './preflights.js'
import { FRAME_VARIANTS } from './stackFrames.js'
import type { Summary } from './statistics.js'
import { type Measurements, type Summaries, summarizeAll } from './summaries.js'

export function writeReport(measurements: Measurements) {
  const summaries = summarizeAll(measurements)
  const goals = goalsOf(measurements, summaries)
  const { environment, preflights, stackFrames, heap, sizes, growths } = measurements
  const { added, nativeFetch, cold, bodies, streams, evaluation, start, requests } = summaries
  const sections = [
    `# Results\n\n${Object.values(environment).join(' · ')}\n\nMedians; in brackets the first and third quartile.`,
    `## Goals\n\n${table(
      ['goal', 'measured', 'met'],
      goals.map(({ goal, measured, isMet }) => [goal, measured, isMet ? 'yes' : '**no**']),
    )}`,
    callSection(summaries),
    bodySection(summaries),
    growthSection(measurements),
    streamSection(summaries),
    preflightSection(measurements),
    stackSection(measurements),
    startSection(summaries),
    requestSection(summaries),
    memorySection(measurements),
    sizeSection(measurements),
  ]
  const json = {
    environment,
    goals,
    addedMicrosPerCall: added,
    nativeFetch,
    coldMicros: cold,
    bodyMillis: bodies.map(({ taken: _, ...rest }) => rest),
    growths,
    streams,
    preflights,
    stackFrames,
    evaluation,
    startMillis: start,
    requestMicros: requests,
    heap,
    sizes,
  }
  return { json, markdown: `${sections.join('\n\n')}\n`, goals, chart: chartOf(measurements, summaries) }
}

function bodySection({ bodies }: Summaries): string {
  const works: Work[] = ['plugin', 'insert by hand', 'parse and stringify', 'browser']
  return `## What a body costs, in ms

\`browser\`: \`new Request\` with that body, which is how \`fetch\` begins. \`insert by hand\`: a copy with
the member in front, without a look at the text. \`parse and stringify\`: for bytes, with decoding and
encoding.

${table(
  ['body', 'size', ...works, 'to parse + stringify', 'to browser'],
  bodies.map(({ content, form, size, millis, toParse, toBrowser }) => [
    `${content}, ${form}`,
    count(size),
    ...works.map((work) => spread(millis[work], 3)),
    percentSpread(toParse),
    percentSpread(toBrowser),
  ]),
)}`
}

function growthSection({ growths }: Measurements): string {
  return `## How time grows with hostile input, in ms

Each parser and RegExp that sees a URL, a header, a media type or a body, with input that is meant to be
slow for it. \`power\`: 1 is linear, 2 quadratic. A size is not tried if the one before took half a second.

${table(
  ['', ...GROWTH_SIZES.map(count), 'power', 'linear'],
  growths.map(({ name, millis, exponent, isLinear }) => [
    name.replaceAll('|', '\\|'),
    ...GROWTH_SIZES.map((_, index) => millis[index]?.toFixed(3) ?? '–'),
    exponent.toFixed(1),
    isLinear ? 'yes' : '**no**',
  ]),
)}`
}

function streamSection({ streams }: Summaries): string {
  return `## A streamed answer over HTTP, in ms

${table(
  ['agent answers', 'chunk', 'without', 'with'],
  streams.flatMap(({ delay, first, last }) =>
    [['first', first] as const, ['last', last] as const].map(([chunk, times]) => [
      delay ? `after ${delay} ms` : 'at once',
      chunk,
      spread(times.without, 2),
      spread(times.with, 2),
    ]),
  ),
)}`
}

function preflightSection({ preflights }: Measurements): string {
  return `## CORS preflights of one call to another origin

${table(
  ['', ...REQUEST_KINDS],
  PREFLIGHT_VARIANTS.map((variant) => [
    NAMES[variant],
    ...REQUEST_KINDS.map((kind) => String(preflights[variant][kind])),
  ]),
)}`
}

function stackSection({ stackFrames }: Measurements): string {
  return `## Frames between the page's function and the browser's

Chromium keeps ten frames of an error. Each of these takes one from the page. \`–\`: the call goes on
later, so the page's function is not on the stack.

${table(
  ['call', 'an entry takes it', ...FRAME_VARIANTS.map((variant) => NAMES[variant])],
  stackFrames.map(({ call, isTaken, frames }) => [
    call,
    isTaken ? 'yes' : 'no',
    ...FRAME_VARIANTS.map((variant) => String(frames[variant] ?? '–')),
  ]),
)}`
}

function startSection({ evaluation, start }: Summaries): string {
  const scripts = Object.entries(evaluation.millis).map(([name, summary]) => [`script of ${name}`, spread(summary, 2)])
  const steps = Object.entries(start).map(([name, summary]) => [name, spread(summary, 2)])
  return `## Start, in ms\n\n${table(['', 'fresh page'], [...scripts, ...steps])}`
}

function requestSection({ requests }: Summaries): string {
  return `## A request on the server, in µs

What \`rum-llm-correlation/register\` adds to a request from its arrival to its answer, without sockets.
Beside it, what the tracer adds (dd-trace with LLM Observability).

${table(
  ['', 'nothing', 'register adds', 'the tracer adds'],
  Object.entries(requests).map(([kind, { nothing, register, tracer }]) => [
    kind,
    spread(nothing, 2),
    spread(register, 2),
    spread(tracer, 1),
  ]),
)}`
}

function memorySection({ heap }: Measurements): string {
  return `## Memory: JavaScript heap in use after garbage collection, in kB

${table(
  ['calls', ...heap.calls.map(count)],
  Object.entries(heap.bytes).map(([variant, bytes]) => [
    NAMES[variant as Variant],
    ...bytes.map((value) => count(value / 1000)),
  ]),
)}`
}

function sizeSection({ sizes }: Measurements): string {
  return `## Size, in bytes

${table(
  ['', 'minified', 'gzip', 'brotli'],
  Object.entries(sizes).map(([name, { minified, gzip, brotli }]) => [name, ...[minified, gzip, brotli].map(count)]),
)}`
}

function chartOf({ environment }: Measurements, { added, bodies }: Summaries): Chart {
  const byVariant = (call: Call) =>
    Object.fromEntries(VARIANTS.map((variant) => [variant, added[call][variant]])) as Record<Variant, Summary>
  return {
    environment: Object.values(environment).join(' · '),
    names: NAMES,
    unmatched: byVariant('fetch absolute new'),
    matched: byVariant('fetch matching read'),
    growth: bodies.filter(({ content, form }) => content === 'chat' && form === 'string'),
  }
}
