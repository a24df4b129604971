export const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
export const OTHER = '7b6f0c52-5b0e-4f0b-8a43-3f1f4a0a2b11'

export const TAG = `_dd.p.llmobs_sid=${ID}`
export const IDS = { 'x-datadog-trace-id': '1234567890123456789', 'x-datadog-parent-id': '987654321' }
export const PARENT = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
export const PARENT_TRACE = BigInt('0x8448eb211c80319c').toString()

export type Headers = Record<string, string>
export type Changes = Readonly<Record<string, string | undefined>>

export const tagsOf = (length: number) => `_dd.p.a=${'x'.repeat(length - 8)}`
export const membersOf = (count: number) => Array.from({ length: count }, (_, index) => `v${index}=1`).join()

/** Requests that continue a trace, and the headers that hand over the session {@link ID} in it. */
export const CONTINUED: Array<[name: string, came: Headers, changes: Changes]> = [
  ['the ids of a trace', IDS, { 'x-datadog-tags': TAG }],
  ['ids and a parent of 0', { ...IDS, 'x-datadog-parent-id': '0' }, { 'x-datadog-tags': TAG }],
  ['ids and tags', { ...IDS, 'x-datadog-tags': '_dd.p.dm=-1' }, { 'x-datadog-tags': `_dd.p.dm=-1,${TAG}` }],
  [
    'ids and tags of two lines, which Node joins with a blank',
    { ...IDS, 'x-datadog-tags': '_dd.p.dm=-1, _dd.p.tid=0af7651916cd43dd' },
    { 'x-datadog-tags': `_dd.p.dm=-1,_dd.p.tid=0af7651916cd43dd,${TAG}` },
  ],
  [
    'ids and an empty session',
    { ...IDS, 'x-datadog-tags': '_dd.p.llmobs_sid=' },
    { 'x-datadog-tags': `_dd.p.llmobs_sid=,${TAG}` },
  ],
  [
    'the longest tags that it fits behind',
    { ...IDS, 'x-datadog-tags': tagsOf(512 - TAG.length - 1) },
    { 'x-datadog-tags': `${tagsOf(512 - TAG.length - 1)},${TAG}` },
  ],
  ['ids and traceparent', { ...IDS, ...PARENT, tracestate: 'dd=s:1' }, { 'x-datadog-tags': TAG }],
  ['traceparent', PARENT, { tracestate: `dd=t.llmobs_sid:${ID}` }],
  [
    'traceparent and tracestate',
    { ...PARENT, tracestate: 'a=1,dd=s:1;o:rum' },
    { tracestate: `dd=s:1;o:rum;t.llmobs_sid:${ID},a=1` },
  ],
  [
    'traceparent and 31 others',
    { ...PARENT, tracestate: membersOf(31) },
    { tracestate: `dd=t.llmobs_sid:${ID},${membersOf(31)}` },
  ],
  [
    'traceparent and a trace id without a parent',
    { ...PARENT, 'x-datadog-trace-id': '1' },
    { tracestate: `dd=t.llmobs_sid:${ID}` },
  ],
  [
    'traceparent of a later version',
    { traceparent: `01${PARENT.traceparent.slice(2)}-more` },
    { tracestate: `dd=t.llmobs_sid:${ID}` },
  ],
]

/** Requests without a trace that tracers can continue. */
export const BEGUN: Array<[name: string, came: Headers]> = [
  ['nothing', {}],
  ['a trace id without a parent id', { 'x-datadog-trace-id': '1' }],
  ['a parent id without a trace id', { 'x-datadog-parent-id': '1' }],
  ['a trace id of 0', { ...IDS, 'x-datadog-trace-id': '0' }],
  ['a trace id that is no number', { ...IDS, 'x-datadog-trace-id': 'abc' }],
  ['a trace id that came twice', { ...IDS, 'x-datadog-trace-id': '1, 2' }],
  ['a trace id of more than 64 bits', { ...IDS, 'x-datadog-trace-id': '18446744073709551616' }],
  ['a malformed traceparent', { traceparent: '00-abc', tracestate: 'dd=s:1' }],
  ['a traceparent of version ff', { traceparent: `ff${PARENT.traceparent.slice(2)}` }],
  ['a traceparent of version 00 with more behind', { traceparent: `${PARENT.traceparent}-more` }],
  ['a traceparent without trace', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
  ['a traceparent without span', { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01` }],
  ['b3, which the tracer does not take', { b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1' }],
  ['tags without ids', { 'x-datadog-tags': '_dd.p.dm=-1' }],
  ['the same session without ids', { 'x-datadog-tags': TAG }],
  ['another session in a tracestate without a trace', { tracestate: `dd=t.llmobs_sid:${OTHER}` }],
]
