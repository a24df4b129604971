import { randomUUID } from 'node:crypto'
import type { Carrier } from './chatPage.js'

export const json = { 'content-type': 'application/json' }
/** A question with a session, by each carrier. */
export const bringing: Record<Carrier, (id: string, message: string) => [query: string, init: RequestInit]> = {
  body: (id, message) => ['', { headers: json, body: JSON.stringify({ session_id: id, message }) }],
  query: (id, message) => [`?session_id=${id}`, { headers: json, body: JSON.stringify({ message }) }],
  baggage: (id, message) => [
    '',
    { headers: { ...json, baggage: `session.id=${id}` }, body: JSON.stringify({ message }) },
  ],
  'trace-tags': (id, message) => [
    '',
    {
      headers: {
        ...json,
        'x-datadog-trace-id': String(BigInt.asUintN(63, BigInt(`0x${randomUUID().replaceAll('-', '')}`))),
        'x-datadog-parent-id': '987654321',
        'x-datadog-tags': `_dd.p.llmobs_sid=${id}`,
      },
      body: JSON.stringify({ message }),
    },
  ],
}
