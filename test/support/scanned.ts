import type { BodyScan } from '../../src/server/bodyScan.js'

/** A scan that was given a text in parts, cut at these places of its bytes. */
export function scanned<T extends BodyScan>(scan: T, text: string, cuts: readonly number[] = []): T {
  const bytes = Buffer.from(text)
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  for (let part = 1; part < places.length; part += 1) {
    if (!scan.isDone) {
      scan.read(bytes.subarray(places[part - 1], places[part]))
    }
  }
  return scan
}
