import { attempt } from './attempt.js'
import { Piece } from './piece.js'

/** A string, a number or a word of a JSON text, which may come in several parts. */
export interface JsonToken {
  /** Whether more of it is to come, it has ended, or JSON has no such token. */
  readonly state: 'open' | 'ended' | 'wrong'
  /** Takes the bytes from a place on, as far as they belong to it. Returns the place behind them. */
  read(bytes: Uint8Array, from: number): number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_PRINTABLE = 0x20

/** The most bytes that one character takes: `\u` and four digits. */
const ESCAPED_LENGTH = 6

/** A string from behind its opening quote to its closing quote. Its text is kept only if it is wanted. */
export class JsonString implements JsonToken {
  state: JsonToken['state'] = 'open'
  private isWanted = false
  private isEscaped = false
  private hasEscape = false
  private hexDigitsToCome = 0
  private readonly piece: Piece

  /** @param longest - The most characters that a text has that matters. */
  constructor(longest: number) {
    this.piece = new Piece(longest * ESCAPED_LENGTH + 1)
  }

  start(isWanted: boolean): void {
    this.state = 'open'
    this.isWanted = isWanted
    this.isEscaped = false
    this.hasEscape = false
    this.hexDigitsToCome = 0
    this.piece.clear()
  }

  read(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length && this.state === 'open') {
      const isPlain = !this.isEscaped && !this.hexDigitsToCome
      at = isPlain ? endOfPlainText(bytes, at) : at
      if (at < bytes.length) {
        this.take(bytes[at] as number)
        at += 1
      }
    }
    if (this.isWanted) {
      this.piece.add(bytes, from, at)
    }
    return at
  }

  /** The text of a wanted string. `undefined` if it is too long to matter. */
  text(): string | undefined {
    const quoted = this.piece.text()
    return quoted && this.hasEscape ? attempt(() => JSON.parse(`"${quoted}`)) : quoted?.slice(0, -1)
  }

  private take(byte: number): void {
    const character = String.fromCharCode(byte)
    if (this.hexDigitsToCome) {
      this.hexDigitsToCome -= 1
      this.state = /[\da-f]/i.test(character) ? 'open' : 'wrong'
    } else if (this.isEscaped) {
      this.isEscaped = false
      this.hexDigitsToCome = character === 'u' ? 4 : 0
      this.state = '"\\/bfnrtu'.includes(character) ? 'open' : 'wrong'
    } else if (byte === BACKSLASH) {
      this.isEscaped = true
      this.hasEscape = true
    } else {
      this.state = byte === QUOTE ? 'ended' : 'wrong'
    }
  }
}

function endOfPlainText(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length) {
    const byte = bytes[at] as number
    if (byte === QUOTE || byte === BACKSLASH || byte < FIRST_PRINTABLE) {
      break
    }
    at += 1
  }
  return at
}

/** `true`, `false` or `null`, from behind its first letter. */
export class JsonLiteral implements JsonToken {
  state: JsonToken['state'] = 'open'
  private rest = ''

  start(first: number): void {
    this.state = 'open'
    this.rest = LITERALS.get(first) ?? ''
  }

  read(bytes: Uint8Array, from: number): number {
    const isNext = bytes[from] === this.rest.charCodeAt(0)
    this.rest = this.rest.slice(1)
    this.state = !isNext ? 'wrong' : this.rest ? 'open' : 'ended'
    return from + 1
  }
}

const LITERALS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), word.slice(1)]))

/** A number from behind its first character. What follows it tells its end, and is no part of it. */
export class JsonNumber implements JsonToken {
  state: JsonToken['state'] = 'open'
  private part: NumberPart = 'minus'

  start(first: number): void {
    const part = FIRST_PARTS[kindOf(first)]
    this.state = part ? 'open' : 'wrong'
    this.part = part ?? 'minus'
  }

  read(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length) {
      const next = NEXT_PARTS[this.part][kindOf(bytes[at] as number)]
      if (!next) {
        this.state = LAST_PARTS.includes(this.part) ? 'ended' : 'wrong'
        break
      }
      // Most of a long number is digits, and none of them leads to another part.
      at = this.part === next ? endOfDigits(bytes, at) : at + 1
      this.part = next
    }
    return at
  }
}

type CharacterKind = '0' | '1-9' | '.' | 'e' | '+' | '-' | 'other'
type NumberPart = 'minus' | 'zero' | 'integer' | 'point' | 'fraction' | 'e' | 'exponent sign' | 'exponent'
type Parts = Partial<Record<CharacterKind, NumberPart>>

/** {@link https://www.rfc-editor.org/rfc/rfc8259#section-6} */
const FIRST_PARTS: Parts = { '-': 'minus', '0': 'zero', '1-9': 'integer' }
const NEXT_PARTS: Record<NumberPart, Parts> = {
  minus: { '0': 'zero', '1-9': 'integer' },
  zero: { '.': 'point', e: 'e' },
  integer: { '0': 'integer', '1-9': 'integer', '.': 'point', e: 'e' },
  point: { '0': 'fraction', '1-9': 'fraction' },
  fraction: { '0': 'fraction', '1-9': 'fraction', e: 'e' },
  e: { '0': 'exponent', '1-9': 'exponent', '+': 'exponent sign', '-': 'exponent sign' },
  'exponent sign': { '0': 'exponent', '1-9': 'exponent' },
  exponent: { '0': 'exponent', '1-9': 'exponent' },
}
const LAST_PARTS: readonly NumberPart[] = ['zero', 'integer', 'fraction', 'exponent']

function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from
  while (isDigit(bytes[at])) {
    at += 1
  }
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function kindOf(byte: number): CharacterKind {
  return KINDS.get(byte) ?? (isDigit(byte) ? '1-9' : 'other')
}

const KINDS = new Map<number, CharacterKind>([
  [0x30, '0'],
  [0x2e, '.'],
  [0x65, 'e'],
  [0x45, 'e'],
  [0x2b, '+'],
  [0x2d, '-'],
])
