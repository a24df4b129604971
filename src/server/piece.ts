/** Bytes of a name or a value, put together where the body was cut. Of what is longer than it may be, nothing is kept. */
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

  /** The text that the bytes are in UTF-8; `undefined` where there were too many. */
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
