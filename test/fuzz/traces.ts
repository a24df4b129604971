import assert from 'node:assert/strict'
import { applyChanges, handOver, sessionToHandOver } from '../../src/server/handOver.js'
import type { Random } from './random.js'
import { extract } from './tracer.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const OTHER = '7b6f0c52-5b0e-4f0b-8a43-3f1f4a0a2b11'
const TRACE_IDS = [
  '1',
  '1234567890123456789',
  '18446744073709551615',
  '18446744073709551616',
  '0',
  '-1',
  'abc',
  '',
  '01',
  '1.5',
  ' 1',
  '9'.repeat(25),
]
const PARENT_IDS = ['0', '1', '987654321', '', 'abc']
const TAGS = [
  '_dd.p.dm=-1',
  '_dd.p.tid=0af7651916cd43dd',
  `_dd.p.llmobs_sid=${ID}`,
  `_dd.p.llmobs_sid=${OTHER}`,
  '_dd.p.llmobs_sid=',
  '_dd.p.a',
  '_dd.p.b=x y',
  'other=1',
  '_dd.p.c=é',
  '',
  `_dd.p.d=${'x'.repeat(440)}`,
]
const STATES = [
  'dd=s:1',
  'dd=s:2;o:rum',
  `dd=t.llmobs_sid:${ID}`,
  `dd=s:1;t.llmobs_sid:${OTHER};t.dm:-4`,
  'dd=',
  'congo=t61rcWkgMzE',
  'a@b=1',
  'ddx=1',
  `rojo=t.llmobs_sid:${OTHER}`,
  '',
  ' ',
  `dd=s:1;o:${'x'.repeat(200)}`,
  'dd=t.llmobs_sid:',
]
const PARENTS = [
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
]
const ALPHABET = ', ; = : - _ 0 f é dd= t.llmobs_sid: _dd.p. \t'.split(' ').concat(' ')

type Headers = Record<string, string>

export function make({ pick, chance, many, mutate }: Random): Headers {
  const maybe = (share: number, name: string, text: string): Headers =>
    chance(share) ? { [name]: chance(0.15) ? mutate(text, ALPHABET) : text } : {}
  const list = (values: string[]) => many(4, () => pick(values)).join(chance(0.3) ? ', ' : ',')
  return {
    ...maybe(0.5, 'x-datadog-trace-id', chance(0.6) ? '1234567890123456789' : pick(TRACE_IDS)),
    ...maybe(0.5, 'x-datadog-parent-id', pick(PARENT_IDS)),
    ...maybe(0.4, 'x-datadog-tags', list(TAGS)),
    ...maybe(0.5, 'traceparent', chance(0.6) ? (PARENTS[0] as string) : pick(PARENTS)),
    ...maybe(
      0.4,
      'tracestate',
      chance(0.05) ? Array.from({ length: 32 }, (_, index) => `v${index}=1`).join() : list(STATES),
    ),
    baggage: `session.id=${ID}`,
  }
}

/** Against the extractor of Datadog's tracer: what is handed over arrives, in the trace that it was before. */
export function check(came: Headers): string {
  assert.equal(sessionToHandOver(came, '/', []), ID)
  const { changes, traceId } = handOver(came, ID)
  const headers = { ...came }
  applyChanges(headers, changes)
  const before = extract(came)
  const after = extract(headers)
  if (!Object.keys(changes).length) {
    return before.session === ID ? 'there already' : before.session ? 'another stays' : 'no room'
  }
  if (changes.tracestate && /[^\x20-\x7e]/.test(came.tracestate ?? '')) {
    return 'in a trace state that is none'
  }
  assert.equal(after.session, ID)
  assert.equal(after.traceId, traceId)
  for (const value of Object.values(changes)) {
    assert.match(value ?? '', /^[\x20-\x7e\xe9]*$/)
  }
  const isNew = changes['x-datadog-trace-id'] !== undefined
  if (!isNew && before.traceId !== undefined && !('x-datadog-trace-id' in changes)) {
    assert.equal(after.traceId, before.traceId)
  }
  return isNew ? 'in a new trace' : changes.tracestate ? 'in the trace state' : 'in the tags'
}
