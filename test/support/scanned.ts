import type { BodyScan } from '../../src/server/bodyScan.js'

/** Gives a text to a scan in parts: its bytes are cut at these offsets. */
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
