/** Collects the bytes of a name or a value, which may come in several parts. If there are too many, it keeps none. */
export class Piece {
  private bytes: number[] = []
  private isTooLong = false

  /** @param limit - The most bytes that matter. */
  constructor(private readonly limit: number) {}

  clear(): void {
    this.bytes = []
    this.isTooLong = false
  }

  /** Takes the bytes from one place to before another. */
  add(bytes: Uint8Array, from: number, to: number): void {
    this.isTooLong ||= this.bytes.length + to - from > this.limit
    for (let at = from; at < to && !this.isTooLong; at += 1) {
      this.bytes.push(bytes[at] as number)
    }
  }

  /** The bytes as UTF-8 text. `undefined` if there were too many. */
  text(): string | undefined {
    if (this.isTooLong) {
      return undefined
    }
    const { bytes } = this
    // A decoder takes longer than the rest of reading a short body.
    return bytes.every((byte) => byte < FIRST_BEYOND_ASCII)
      ? String.fromCharCode(...bytes)
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))
  }
}

const FIRST_BEYOND_ASCII = 0x80
