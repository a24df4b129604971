import { randomBytes } from 'node:crypto'

/** What a page sends with each carrier: query and headers, and the members that the body has. */
export interface Carried {
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

export const NOTHING: Carried = { query: '', headers: {}, body: {} }

const hex = (bytes: number) => randomBytes(bytes).toString('hex')
/** As the tracers want it: 64 bits, of which the first is 0. */
const traceId = () => String(BigInt(`0x${hex(8)}`) >> 1n)

export const CARRIERS = {
  body: (id: string): Carried => ({ ...NOTHING, body: { session_id: id } }),
  query: (id: string): Carried => ({ ...NOTHING, query: `&session_id=${id}` }),
  baggage: (id: string): Carried => ({ ...NOTHING, headers: { baggage: `a=1,session.id=${id};p=1` } }),
  'trace-tags': (id: string): Carried => ({
    ...NOTHING,
    headers: {
      'x-datadog-trace-id': traceId(),
      'x-datadog-parent-id': traceId(),
      'x-datadog-tags': `_dd.p.llmobs_sid=${id}`,
    },
  }),
  'trace-tags in tracestate': (id: string): Carried => ({
    ...NOTHING,
    headers: { traceparent: `00-${hex(16)}-${hex(8)}-01`, tracestate: `dd=t.llmobs_sid:${id}` },
  }),
} as const satisfies Record<string, (id: string) => Carried>
