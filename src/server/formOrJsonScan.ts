import type { BodyScan } from './bodyScan.js'
import { parameterOf } from './field.js'
import { FormScan } from './formScan.js'
import { JsonScan } from './jsonScan.js'

const BRACE = 0x7b
const SPACES = [0x20, 0x09, 0x0a, 0x0d]

/**
 * Reads text that is typed as a form. If it begins with `{`, it is JSON: jQuery and axios type all text as a form if the page
 * names no type.
 */
export class FormOrJsonScan implements BodyScan {
  private scan: BodyScan | undefined
  private hasEnded = false

  /** @param field - A path in JSON, whose last part is the name in a form. */
  constructor(private readonly field: string) {}

  get sessionId(): string | undefined {
    return this.scan?.sessionId
  }

  get isDone(): boolean {
    return this.hasEnded || this.scan?.isDone === true
  }

  read(bytes: Uint8Array): void {
    const from = this.scan ? 0 : bytes.findIndex((byte) => !SPACES.includes(byte))
    if (from >= 0) {
      this.scan ??= bytes[from] === BRACE ? new JsonScan(this.field.split('.')) : new FormScan(parameterOf(this.field))
      this.scan.read(bytes.subarray(from))
    }
  }

  end(): void {
    this.scan?.end()
    this.hasEnded = true
  }
}
