/** What a page sends with each carrier: query and headers, and the members that the body has. */
export interface Carried {
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

const nothing: Carried = { query: '', headers: {}, body: {} }

export const CARRIERS = {
  query: (id: string): Carried => ({ ...nothing, query: `&session_id=${id}` }),
  baggage: (id: string): Carried => ({ ...nothing, headers: { baggage: `a=1,session.id=${id};p=1` } }),
  'trace-tags': (id: string): Carried => ({
    ...nothing,
    headers: {
      'x-datadog-trace-id': '1234567890123456789',
      'x-datadog-parent-id': '1987654321',
      'x-datadog-tags': `_dd.p.llmobs_sid=${id}`,
    },
  }),
} as const
