// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { addFormText } from '../../../src/carriers/formText.js'
import { addJsonField } from '../../../src/carriers/jsonField.js'
import { addQueryParam } from '../../../src/carriers/queryParam.js'
import { addTraceState, readTraceState } from '../../../src/carriers/traceState.js'
import { addTraceTag, readTraceTag, readTraceTags } from '../../../src/carriers/traceTags.js'
import { handOver, sessionInBaggage } from '../../../src/server/handOver.js'
import { rumSessionOf } from '../../../src/server/readSession.js'
import { type ScannedBody, scannedBodyOf } from '../../../src/server/scannedBody.js'
import { baggageWithSession } from '../../../src/server/sessionBaggage.js'
import { sessionIdIn } from '../../../src/server/uuid.js'
import { scanned } from '../../support/scanned.js'

// The same cases run in Python: python/tests/test_wire.py.

const A = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const WORDS: Record<string, string> = {
  $A: A,
  $B: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
  $UPPER: A.toUpperCase(),
  $ENCODED: A.replaceAll('-', '%2D').replace('0', '%30'),
}

interface Case {
  readonly name: string
  readonly header: string
  readonly query: string
  readonly type: string
  readonly body: string
  readonly field?: string
  readonly sessionId: string | null
  readonly added?: string | null
}

interface TagsCase {
  readonly name: string
  readonly header: string
  readonly tags: Record<string, string>
}

interface HandOverCase {
  readonly name: string
  readonly headers: Record<string, string>
  readonly tags?: string
  readonly tracestate?: string
  readonly newTrace: boolean
}

/** The cases of a file, the words in them filled in: `$x(3)` is `xxx`, and `$m(2)` is `k0=v,k1=v`. */
function casesOf<T = Case>(file: string, kind: string): T[] {
  const text = readFileSync(`test/wire/${file}.json`, 'utf8')
    .replace(/\$x\((\d+)\)/g, (_, length) => 'x'.repeat(Number(length)))
    .replace(/\$m\((\d+)\)/g, (_, length) => Array.from({ length: Number(length) }, (_, at) => `k${at}=v`).join())
    .replace(/\$[A-Z]+/g, (word) => WORDS[word] as string)
  return JSON.parse(text)[kind]
}

const withAdded = (file: string, kind: string) => casesOf(file, kind).filter(({ added }) => added !== undefined)

describe('baggage', () => {
  it.each(casesOf('baggage', 'read'))('is read: $name', ({ header, sessionId }) => {
    expect(sessionInBaggage(header) ?? null).toBe(sessionId)
    expect(rumSessionOf({ headers: { baggage: header } }).sessionId ?? null).toBe(sessionId)
  })

  it.each(casesOf<TagsCase>('baggage', 'tags'))('gives user and account: $name', ({ header, tags }) => {
    expect(rumSessionOf({ headers: { baggage: header } }).tags).toEqual(tags)
  })

  it.each(casesOf('baggage', 'add'))('is added $name', ({ header, added }) => {
    expect(baggageWithSession(header, A) ?? null).toBe(added)
  })
})

describe('the query', () => {
  it.each(casesOf('query', 'read'))('is read: $name', ({ query, field = 'session_id', sessionId }) => {
    expect(rumSessionOf({ url: `/?${query}` }, undefined, { field }).sessionId ?? null).toBe(sessionId)
    expect(rumSessionOf({ rawQueryString: query }, undefined, { field }).sessionId ?? null).toBe(sessionId)
  })

  it.each(casesOf('query', 'add'))('is added $name', ({ query, added }) => {
    expect(addQueryParam(`/?${query}`, 'session_id', A).changed ?? null).toBe(added === null ? null : `/?${added}`)
  })
})

describe('the body', () => {
  it.each(casesOf('body', 'read'))('is read: $name', ({ type, body, field = 'session_id', sessionId }) => {
    const headers = { 'content-type': type, 'transfer-encoding': 'chunked' }
    for (const form of [body, Buffer.from(body)]) {
      expect(rumSessionOf({ headers }, form, { field }).sessionId ?? null).toBe(sessionId)
    }
    for (const cuts of [[], [...body].map((_, at) => at)]) {
      const { scan } = scannedBodyOf({ headers, method: 'POST', url: '/' }, [field], 'all') as ScannedBody
      scanned(scan, body, cuts).end()
      expect(scan.sessionId ?? null).toBe(sessionId)
    }
  })

  it.each(casesOf('body', 'add'))('is added $name', ({ type, body, field = 'session_id', added }) => {
    const isForm = type === 'application/x-www-form-urlencoded'
    const { changed } = (isForm ? addFormText(body, field, A) : addJsonField(body, field.split('.'), A)) ?? {}
    expect(changed ?? null).toBe(added)
    if (changed !== undefined) {
      expect(rumSessionOf({ headers: { 'content-type': type } }, changed, { field }).sessionId).toBe(A)
    }
  })
})

describe('x-datadog-tags', () => {
  it.each(casesOf('trace', 'tags'))('is read: $name', ({ header, sessionId }) => {
    expect(sessionIdIn([readTraceTag(header)]) ?? null).toBe(sessionId)
  })

  it.each(withAdded('trace', 'tags'))('is added to: $name', ({ header, added }) => {
    const present = readTraceTags(header)
    expect((present === undefined ? undefined : addTraceTag(present, A)) ?? null).toBe(added)
  })
})

describe('tracestate', () => {
  it.each(casesOf('trace', 'tracestate'))('is read: $name', ({ header, sessionId }) => {
    expect(sessionIdIn([readTraceState(header)]) ?? null).toBe(sessionId)
  })

  it.each(withAdded('trace', 'tracestate'))('is added to: $name', ({ header, added }) => {
    expect(addTraceState(header, A) ?? null).toBe(added)
  })
})

describe("a request's trace", () => {
  it.each(casesOf<HandOverCase>('trace', 'handOver'))('takes the session: $name', (expected) => {
    const headers = { ...expected.headers, ...handOver(expected.headers, A).changes } as Record<string, string>
    expect(headers['x-datadog-tags']).toBe(expected.tags)
    expect(headers.tracestate).toBe(expected.tracestate)
    const isNew = headers['x-datadog-trace-id'] !== expected.headers['x-datadog-trace-id']
    expect(isNew && headers['x-datadog-parent-id'] === '0').toBe(expected.newTrace)
  })
})
