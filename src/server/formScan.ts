import { readFormText } from '../carriers/formText.js'
import type { BodyScan } from './bodyScan.js'
import { Piece } from './piece.js'
import { sessionIdIn } from './uuid.js'

const AMPERSAND = 0x26

/** The most bytes that one character takes: three in UTF-8, each as a percent sign and two digits. */
const ENCODED_LENGTH = 9
const ENCODED_UUID_LENGTH = 3 * 36

/**
 * Reads `application/x-www-form-urlencoded` text ({@link https://url.spec.whatwg.org/#application/x-www-form-urlencoded}) as its bytes
 * come in, and finds the session id in the pairs of one name. The first one that is a UUID counts.
 */
export class FormScan implements BodyScan {
  sessionId: string | undefined
  isDone = false
  private readonly pair: Piece

  constructor(private readonly name: string) {
    this.pair = new Piece(name.length * ENCODED_LENGTH + 1 + ENCODED_UUID_LENGTH)
  }

  read(bytes: Uint8Array): void {
    let from = 0
    while (from <= bytes.length && !this.isDone) {
      const ampersand = bytes.indexOf(AMPERSAND, from)
      const to = ampersand < 0 ? bytes.length : ampersand
      this.pair.add(bytes, from, to)
      if (ampersand < 0) {
        return
      }
      this.endPair()
      from = to + 1
    }
  }

  end(): void {
    this.endPair()
    this.isDone = true
  }

  private endPair(): void {
    const pair = this.pair.text()
    this.pair.clear()
    this.sessionId ??= pair ? sessionIdIn([readFormText(pair, this.name)]) : undefined
    this.isDone = this.sessionId !== undefined
  }
}
