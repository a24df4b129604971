import type { Variant } from './call.js'
import type { Work } from './pages/bodies.js'
import type { Summary } from './statistics.js'

export interface Chart {
  readonly environment: string
  readonly names: Record<Variant, string>
  /** The microseconds that each library adds to a call. */
  readonly unmatched: Record<Variant, Summary>
  readonly matched: Record<Variant, Summary>
  /** Milliseconds by size of the body. */
  readonly growth: ReadonlyArray<{ readonly size: number; readonly millis: Record<Work, Summary> }>
}

const TITLE = 'What a call costs, and what a body costs'
const WIDTH = 960
const LEFT = 240
const RIGHT = 90
const BAR = 16
const GAP = 8
const COLORS = {
  plugin: '#632ca6',
  peer: '#9aa3ad',
  floor: '#d0d5da',
  ink: '#1f2328',
  faint: '#6b7280',
  line: '#e5e7eb',
}
const WORK_COLORS: Record<Work, string> = {
  plugin: COLORS.plugin,
  'insert by hand': COLORS.peer,
  'parse and stringify': '#d97706',
  browser: '#4b5563',
}
const WORK_NAMES: Record<Work, string> = {
  plugin: 'this plugin',
  'insert by hand': 'an insertion by hand',
  'parse and stringify': 'JSON.parse + stringify',
  browser: "the browser's own encoding",
}

/**
 * Draws the costs of a call, and how they grow with the body. The axes are logarithmic, because the
 * values span several powers of ten.
 */
export function drawChart({ environment, names, unmatched, matched, growth }: Chart): string {
  const parts: string[] = []
  let y = 34
  parts.push(text(24, y, TITLE, 'font-size="18" font-weight="600"'))
  y += 20
  parts.push(text(24, y, `Medians; whiskers: quartiles. ${environment}`, `fill="${COLORS.faint}"`))
  y += 36
  const UNMATCHED: Variant[] = ['identity', 'plugin-body', 'posthog', 'opentelemetry', 'rum-tracer', 'sentry']
  const MATCHED: Variant[] = [
    'handWritten',
    'plugin-query',
    'plugin-baggage',
    'plugin-body',
    'plugin-trace-tags',
    'posthog',
    'opentelemetry',
    'rum-tracer',
    'sentry',
  ]
  y = bars(y, 'fetch that does not match, to a URL that is new: µs added to the call', UNMATCHED, unmatched)
  y = bars(y + 34, 'fetch that matches, 250 bytes of JSON: µs added to the call', MATCHED, matched)
  y = lines(y + 34)

  function bars(top: number, title: string, variants: Variant[], values: Record<Variant, Summary>): number {
    const shown = [...variants].sort((a, b) => values[a].median - values[b].median)
    const low = 0.01
    const high = 10 ** Math.ceil(Math.log10(Math.max(...shown.map((variant) => values[variant].high))))
    const x = (value: number) =>
      LEFT + (Math.log10(Math.max(value, low) / low) / Math.log10(high / low)) * (WIDTH - LEFT - RIGHT)
    const bottom = top + 16 + shown.length * (BAR + GAP)
    parts.push(text(24, top, title, 'font-weight="600"'))
    for (let tick = low; tick <= high * 1.01; tick *= 10) {
      parts.push(line(x(tick), top + 12, x(tick), bottom, COLORS.line))
      parts.push(text(x(tick), bottom + 15, plain(tick), `text-anchor="middle" fill="${COLORS.faint}"`))
    }
    shown.forEach((variant, index) => {
      const { median, low: from, high: to } = values[variant]
      const middle = top + 16 + index * (BAR + GAP) + BAR / 2
      const isPlugin = variant.startsWith('plugin')
      const color = isPlugin
        ? COLORS.plugin
        : variant === 'identity' || variant === 'handWritten'
          ? COLORS.floor
          : COLORS.peer
      parts.push(
        text(LEFT - 10, middle + 4, names[variant], `text-anchor="end"${isPlugin ? ' font-weight="600"' : ''}`),
      )
      parts.push(
        `<rect x="${LEFT}" y="${middle - BAR / 2}" width="${(x(median) - LEFT).toFixed(1)}" height="${BAR}" rx="2" fill="${color}"/>`,
      )
      parts.push(line(x(from), middle, x(to), middle, COLORS.ink))
      parts.push(text(x(Math.max(median, to)) + 8, middle + 4, median < low ? `< ${low}` : median.toFixed(2)))
    })
    return bottom + 15
  }

  function lines(top: number): number {
    const height = 260
    const bottom = top + 24 + height
    const right = WIDTH - RIGHT - 140
    const sizes = growth.map(({ size }) => size)
    const works = Object.keys(WORK_COLORS) as Work[]
    const all = growth.flatMap(({ millis }) => works.map((work) => millis[work].median))
    const low = 10 ** Math.floor(Math.log10(Math.min(...all)))
    const high = 10 ** Math.ceil(Math.log10(Math.max(...all)))
    const x = (size: number) =>
      100 +
      (Math.log10(size / (sizes[0] as number)) / Math.log10((sizes.at(-1) as number) / (sizes[0] as number))) *
        (right - 100)
    const y = (value: number) => bottom - (Math.log10(value / low) / Math.log10(high / low)) * height
    parts.push(text(24, top, 'Body carrier, JSON as string: ms by size of the body', 'font-weight="600"'))
    for (let tick = low; tick <= high * 1.01; tick *= 10) {
      parts.push(line(100, y(tick), right, y(tick), COLORS.line))
      parts.push(text(90, y(tick) + 4, `${plain(tick)} ms`, `text-anchor="end" fill="${COLORS.faint}"`))
    }
    for (const size of sizes) {
      const round = Number(size.toPrecision(1))
      const name = round >= 1e6 ? `${round / 1e6} MB` : `${round / 1e3} kB`
      parts.push(text(x(size), bottom + 18, name, `text-anchor="middle" fill="${COLORS.faint}"`))
    }
    const ends = works
      .map((work) => ({ work, at: y(growth.at(-1)?.millis[work].median ?? low) }))
      .sort((a, b) => a.at - b.at)
    ends.forEach((end, index) => {
      end.at = Math.max(end.at, (ends[index - 1]?.at ?? 0) + 16)
    })
    for (const { work, at } of ends) {
      const points = growth.map(({ size, millis }) => [x(size), y(millis[work].median)] as const)
      const color = WORK_COLORS[work]
      parts.push(
        `<polyline points="${points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
      )
      parts.push(
        ...points.map(([px, py]) => `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3.5" fill="${color}"/>`),
      )
      parts.push(text(right + 12, at + 4, WORK_NAMES[work], `fill="${color}" font-weight="600"`))
    }
    return bottom + 30
  }

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="12.5" fill="${COLORS.ink}">
<title>${TITLE}</title>
<rect width="${WIDTH}" height="${y}" fill="#fff"/>
${parts.join('\n')}
</svg>
`
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;')
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number, color: string): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${color}"/>`
}

function plain(value: number): string {
  return value < 1 ? value.toFixed(-Math.floor(Math.log10(value) + 1e-9)) : value.toFixed(0)
}
