import type { Call } from './call.js'
import type { Summary } from './statistics.js'

export function label(call: Call): string {
  return call.replace('xhr', 'XHR')
}

/** The median, with the first and the third quartile. */
export function spread(summary: Summary | undefined, digits: number): string {
  return summary
    ? `${summary.median.toFixed(digits)} [${summary.low.toFixed(digits)}–${summary.high.toFixed(digits)}]`
    : ''
}

export function micros(value: number): string {
  return `${value.toFixed(2)} µs`
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

export function percentSpread({ median, low, high }: Summary): string {
  return `${percent(median)} [${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)}]`
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (column ? '--:' : '---'))), ...rows.map(line)].join('\n')
}

export function mapValues<K extends string, V, R>(record: Record<K, V>, map: (value: V) => R): Record<K, R> {
  return Object.fromEntries(Object.entries<V>(record).map(([key, value]) => [key, map(value)])) as Record<K, R>
}
