import type { Call } from '../../src/browser/call.js'
import { inBaggage } from '../../src/browser/decide/baggage.js'
import { inBody } from '../../src/browser/decide/body.js'
import { inQuery } from '../../src/browser/decide/query.js'
import { inTraceTags } from '../../src/browser/decide/traceTags.js'
import type { Entry } from '../../src/browser/entry.js'
import { createMatcher } from '../../src/browser/match.js'
import { createUrlParser, endpointOf, parseUrl } from '../../src/browser/networkUrl.js'
import { createRumUrlTest } from '../../src/browser/rum/ownUrls.js'
import type { Session } from '../../src/browser/session.js'
import { addBaggage, readAllBaggage } from '../../src/carriers/baggage.js'
import { addFormText } from '../../src/carriers/formText.js'
import { addJsonField, addJsonFieldToBytes } from '../../src/carriers/jsonField.js'
import { addQueryParam, readQueryParams } from '../../src/carriers/queryParam.js'
import { readTraceParent } from '../../src/carriers/traceParent.js'
import { addTraceState, readTraceState } from '../../src/carriers/traceState.js'
import { addTraceTag, readTraceTag, readTraceTags } from '../../src/carriers/traceTags.js'

/** A text of about `size` characters: a start, a repeated part, and an end. */
interface Hostile {
  readonly start?: string
  readonly repeated: string
  readonly end?: string
}

/** The functions that read a URL, a header, a media type or a body, with input that may be slow. */
export interface Case {
  readonly name: string
  readonly input: Hostile
  readonly run: (text: string) => unknown
}

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const BASE = 'https://page.example.com/'
const ENTRY: Entry = {
  matches: () => true,
  prefix: undefined,
  methods: undefined,
  carrier: 'body',
  field: 'session_id',
  path: ['session_id'],
  name: 'session_id',
  propagateUser: false,
  label: '',
}
const NO_RUM_HEADERS = { baggage: false, traceIds: false, foreignTrace: false }
const SESSION: Session = { sessionId: ID, others: [], rumHeaders: () => NO_RUM_HEADERS, endedIds: [] }

function callOf(headers: Record<string, string>, text = BASE): Call {
  return {
    method: 'POST',
    url: { href: text, text, base: BASE },
    medium: 'usual',
    headers: new Headers(headers),
    body: { kind: 'text', text: '{"a":1}', type: undefined },
    keepalive: false,
    isPartial: false,
  }
}

/** Each function with each of several inputs. */
function cases(name: string, run: Case['run'], inputs: Record<string, Hostile>): Case[] {
  return Object.entries(inputs).map(([kind, input]) => ({ name: `${name}: ${kind}`, input, run }))
}

const URLS: Record<string, Hostile> = {
  'spaces inside': { start: 'https://a.example.com/a', repeated: ' ', end: 'b' },
  'spaces at the end': { start: 'https://a.example.com/', repeated: ' ' },
  'line breaks': { start: 'https://a.example.com/', repeated: '\n', end: 'b' },
  slashes: { start: 'https://a.example.com', repeated: '/', end: '"' },
  labels: { start: 'https://', repeated: 'a-a.', end: '"' },
  parameters: { start: 'https://a.example.com/?', repeated: 'a=1&', end: '%' },
  'question marks': { start: 'https://a.example.com/', repeated: '?', end: '#' },
  'encoded names': { start: 'https://a.example.com/?', repeated: '&aaaa', end: '%' },
}
const HEADERS: Record<string, Hostile> = {
  spaces: { start: 'a', repeated: ' ', end: 'b' },
  commas: { repeated: ',', end: 'session.id' },
  'commas and spaces': { repeated: ', ', end: 'session.id' },
  semicolons: { start: 'dd=', repeated: ';', end: 'session.id' },
  'semicolons and spaces': { start: 'dd=', repeated: ';  ', end: 'session.id' },
  'one long space': { start: 'dd=;', repeated: ' ', end: 'session.id' },
  names: { repeated: 'session.id', end: '=' },
  'many members': { repeated: 'a=1,', end: 'session.id=1' },
  tags: { repeated: '_dd.p.llmobs_sid,', end: ' ' },
}
const TYPES: Record<string, Hostile> = {
  spaces: { repeated: ' ', end: 'x' },
  'no-break spaces': { repeated: '\u00a0', end: 'x' },
  letters: { repeated: 'a' },
  slashes: { repeated: 'a/', end: 'x' },
  suffixes: { start: 'a/', repeated: 'a+', end: 'x' },
  'spaces after a type': { start: 'application/json', repeated: ' ', end: 'x' },
}
const BODIES: Record<string, Hostile> = {
  'spaces in an object': { start: '{', repeated: ' ', end: '}' },
  'spaces after an object': { start: '{}', repeated: ' ', end: 'x' },
  'lists in lists': { start: '{"metadata":{"a":', repeated: '[', end: '}}' },
  'strings with the name': { start: '{"metadata":{},"a":[""', repeated: ',"session_id"', end: ']}' },
  'members with the name': { start: '{"metadata":{}', repeated: ',"metadata":{}', end: '}' },
  'quotes that are escaped': { start: '{"metadata":{},"a":"session_id\\u0000', repeated: '\\"', end: '"}' },
  backslashes: { start: '{"metadata":{},"a":"', repeated: '\\\\', end: '"}' },
  'an open string': { start: '{"metadata":{},"a":"session_id', repeated: '\\"', end: '}' },
}
const FORMS: Record<string, Hostile> = {
  ampersands: { repeated: '&', end: '{' },
  pairs: { repeated: 'a=1&', end: '%' },
  names: { repeated: 'session_id', end: '' },
  spaces: { repeated: ' ', end: '' },
}

const parseTaken = createUrlParser()
const matchPrefix = createMatcher('https://a.example.com/v1', () => {})
const isRumUrl = createRumUrlTest({ proxy: '/proxy' })

export const CASES: readonly Case[] = [
  ...cases('URL parser', parseTaken, URLS),
  ...cases('URL as text', (text) => parseUrl(text, BASE), URLS),
  ...cases('endpoint', endpointOf, URLS),
  ...cases('entry as written', (text) => createMatcher(text, () => {}), URLS),
  ...cases('entry', (text) => matchPrefix?.matches({ href: text }), URLS),
  ...cases('URL of RUM', (text) => isRumUrl({ href: text, text, base: BASE }), URLS),
  ...cases('add a parameter', (text) => addQueryParam(text, 'session_id', ID), URLS),
  ...cases('read a parameter', (text) => readQueryParams(text, 'session_id'), URLS),
  ...cases('query', (text) => inQuery(callOf({}, text), ENTRY, SESSION), URLS),
  ...cases('header', (text) => new Headers([['baggage', text]]).get('baggage'), HEADERS),
  ...cases('read baggage', (text) => readAllBaggage(text, 'session.id'), HEADERS),
  ...cases('add baggage', (text) => addBaggage(text, 'session.id', ID), HEADERS),
  ...cases('baggage', (text) => inBaggage(callOf({ baggage: text }), ENTRY, SESSION), HEADERS),
  ...cases('read a tag', readTraceTag, HEADERS),
  ...cases('read tags', readTraceTags, HEADERS),
  ...cases('add a tag', (text) => addTraceTag(text, ID), HEADERS),
  ...cases('read tracestate', readTraceState, HEADERS),
  ...cases('add to tracestate', (text) => addTraceState(text, ID), HEADERS),
  ...cases('read traceparent', readTraceParent, HEADERS),
  ...cases('trace-tags', (text) => inTraceTags(callOf({ 'x-datadog-tags': text }), ENTRY, SESSION), HEADERS),
  ...cases('signature', (text) => inQuery(callOf({ authorization: text }), ENTRY, SESSION), HEADERS),
  ...cases('media type', (text) => inBody(callOf({ 'content-type': text }), ENTRY, SESSION), TYPES),
  ...cases('JSON', (text) => addJsonField(text, ['session_id'], ID), BODIES),
  ...cases('JSON that may be text', (text) => addJsonField(text, ['session_id'], ID, { isUncertain: true }), BODIES),
  ...cases('JSON, dotted field', (text) => addJsonField(text, ['metadata', 'session_id'], ID), BODIES),
  ...cases('JSON as bytes', (text) => addJsonFieldToBytes(encode(text), ['session_id'], ID), BODIES),
  ...cases('form text', (text) => addFormText(text, 'session_id', ID), FORMS),
]

const encoder = new TextEncoder()
function encode(text: string) {
  return encoder.encode(text)
}
