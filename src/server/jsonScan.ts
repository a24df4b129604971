import type { BodyScan } from './bodyScan.js'
import { JsonLiteral, JsonNumber, JsonString, type JsonToken } from './jsonToken.js'
import { sessionIdIn } from './uuid.js'

const UUID_LENGTH = 36

/**
 * Reads the text of a JSON object ({@link https://www.rfc-editor.org/rfc/rfc8259 | RFC 8259}) as its bytes come in, and finds the
 * session id at a path.
 *
 * 1. The id counts only as the value of the member that the path names. Strings, arrays and other objects may hold what they like.
 * 2. The text is checked as strictly as by `JSON.parse`. After an error nothing counts.
 * 3. Of members with the same name, the first one that has a UUID counts.
 * 4. Each byte is looked at once. One name or value is kept, and which brackets are open.
 *
 * Each method whose name begins with `at` takes the next byte at such a place in the text.
 */
export class JsonScan implements BodyScan {
  sessionId: string | undefined
  isDone = false

  private place: (byte: number) => void = this.atStart
  /** The token that the place is in. */
  private token: JsonString | JsonNumber | JsonLiteral | undefined
  /** What the token is, and what its text is wanted for. */
  private role: 'name' | 'session id' | 'other' = 'other'
  /** What is open around the place, from the outside in. */
  private readonly open: Bracket[] = []
  /** How many of these, from the outside in, are objects on the path. */
  private onPath = 1
  /** Whether the last name is the next one of the path. */
  private isNamed = false
  private readonly string: JsonString
  private readonly number = new JsonNumber()
  private readonly literal = new JsonLiteral()

  /** @param path - The names of the members on the way, from the outside in. */
  constructor(private readonly path: readonly string[]) {
    this.string = new JsonString(Math.max(UUID_LENGTH, ...path.map((name) => name.length)))
  }

  read(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.isDone) {
      if (this.token) {
        at = this.token.read(bytes, at)
        this.checkToken(this.token)
      } else {
        const byte = bytes[at] as number
        at += 1
        if (!isSpace(byte)) {
          this.place(byte)
        }
      }
    }
  }

  end(): void {
    this.isDone = true
  }

  private checkToken(token: JsonToken): void {
    if (token.state === 'wrong') {
      this.end()
    } else if (token.state === 'ended') {
      this.token = undefined
      this.useText()
    }
  }

  private useText(): void {
    if (this.role === 'name') {
      this.isNamed = this.string.text() === this.path[this.onPath - 1]
    } else if (this.role === 'session id') {
      this.sessionId = sessionIdIn([this.string.text()])
      this.isDone = this.sessionId !== undefined
    }
  }

  private atStart(byte: number): void {
    if (byte === Byte.openingBrace) {
      this.enter('object')
    } else {
      this.end()
    }
  }

  private atFirstName(byte: number): void {
    if (byte === Byte.closingBrace) {
      this.leave('object')
    } else {
      this.atName(byte)
    }
  }

  private atName(byte: number): void {
    if (byte === Byte.quote) {
      this.startString(this.onPath === this.open.length ? 'name' : 'other', this.atColon)
    } else {
      this.end()
    }
  }

  private atColon(byte: number): void {
    if (byte === Byte.colon) {
      this.place = this.atValue
    } else {
      this.end()
    }
  }

  private atFirstElement(byte: number): void {
    if (byte === Byte.closingBracket) {
      this.leave('array')
    } else {
      this.atValue(byte)
    }
  }

  private atValue(byte: number): void {
    const { isNamed } = this
    const isEndOfPath = this.onPath === this.path.length
    this.isNamed = false
    if (byte === Byte.quote) {
      this.startString(isNamed && isEndOfPath ? 'session id' : 'other', this.atComma)
    } else if (byte === Byte.openingBrace) {
      this.onPath += isNamed && !isEndOfPath ? 1 : 0
      this.enter('object')
    } else if (byte === Byte.openingBracket) {
      this.enter('array')
    } else {
      this.startWord(byte)
    }
  }

  private atComma(byte: number): void {
    if (byte === Byte.comma) {
      this.place = this.open[this.open.length - 1] === 'object' ? this.atName : this.atValue
    } else if (byte === Byte.closingBrace) {
      this.leave('object')
    } else if (byte === Byte.closingBracket) {
      this.leave('array')
    } else {
      this.end()
    }
  }

  private enter(bracket: Bracket): void {
    this.open.push(bracket)
    this.place = bracket === 'object' ? this.atFirstName : this.atFirstElement
  }

  private leave(bracket: Bracket): void {
    const isOfItsKind = this.open.pop() === bracket
    this.isDone = !isOfItsKind || this.open.length === 0
    this.onPath = Math.min(this.onPath, this.open.length)
    this.place = this.atComma
  }

  private startString(role: typeof this.role, next: typeof this.place): void {
    this.role = role
    this.place = next
    this.token = this.string
    this.string.start(role !== 'other')
  }

  private startWord(byte: number): void {
    this.role = 'other'
    this.place = this.atComma
    this.token = isLowerCase(byte) ? this.literal : this.number
    this.token.start(byte)
    this.checkToken(this.token)
  }
}

/** What is open around a place in the text. */
type Bracket = 'object' | 'array'

const Byte = {
  openingBrace: 0x7b,
  closingBrace: 0x7d,
  openingBracket: 0x5b,
  closingBracket: 0x5d,
  quote: 0x22,
  colon: 0x3a,
  comma: 0x2c,
} as const

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isLowerCase(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a
}
