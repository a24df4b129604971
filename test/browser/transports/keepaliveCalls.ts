import { ENGINE } from '../../support/engines/engine.js'
import { CARRIERS } from '../../support/rumSdks.js'

export const JSON_BODY = '{"a":1}'

/** What a call is made of in the page. */
export interface Parts {
  url: string
  json: string
  jsonType: { 'content-type': 'application/json' }
  blob: Blob
  post: { method: 'POST'; keepalive: true }
  /** A new Request of JSON that is keepalive. */
  request(): Request
}

/** In the page: gives the parts of a call. */
export function partsOf(url: string): Parts {
  const json = '{"a":1}'
  const jsonType = { 'content-type': 'application/json' } as const
  const post = { method: 'POST', keepalive: true } as const
  const blob = new Blob([json], { type: 'application/json' })
  const request = () => new Request(url, { ...post, body: json, headers: jsonType })
  return { url, json, jsonType, blob, post, request }
}

export interface Kind {
  name: string
  /** In the page: makes the call. */
  call: (t: Parts) => Promise<Response>
  method?: string
  body?: string
  /** What a carrier needs to know stands in the call, so that it is carried all the same. */
  carriedBy: ReadonlyArray<(typeof CARRIERS)[number]>
}

const HEADERS = ['baggage', 'trace-tags'] as const

/** Calls that are `keepalive`, in every place where a call can say so, with bodies that are known at once and others. */
export const KINDS: Kind[] = [
  { name: 'fetch(string, init)', call: (t) => fetch(t.url, { ...t.post, body: t.json }), carriedBy: CARRIERS },
  {
    name: 'fetch(URL, init)',
    call: (t) => fetch(new URL(t.url, location.href), { ...t.post, body: t.json }),
    carriedBy: CARRIERS,
  },
  { name: 'a POST without a body', call: (t) => fetch(t.url, t.post), body: '', carriedBy: CARRIERS },
  { name: 'a GET', call: (t) => fetch(t.url, { keepalive: true }), method: 'GET', body: '', carriedBy: CARRIERS },
  {
    name: 'URLSearchParams',
    call: (t) => fetch(t.url, { ...t.post, body: new URLSearchParams('a=1') }),
    body: 'a=1',
    carriedBy: CARRIERS,
  },
  {
    name: 'bytes',
    call: (t) => fetch(t.url, { ...t.post, headers: t.jsonType, body: new TextEncoder().encode(t.json) }),
    carriedBy: CARRIERS,
  },
  { name: 'a JSON Blob', call: (t) => fetch(t.url, { ...t.post, body: t.blob }), carriedBy: ['query', ...HEADERS] },
  {
    name: 'a JSON File',
    call: (t) => fetch(t.url, { ...t.post, body: new File([t.json], 'a.json', { type: 'application/json' }) }),
    carriedBy: ['query', ...HEADERS],
  },
  {
    name: 'a Blob without a type beside a content type',
    call: (t) => fetch(t.url, { ...t.post, headers: t.jsonType, body: new Blob([t.json]) }),
    carriedBy: ['query', ...HEADERS],
  },
  {
    name: 'a Blob of another type',
    call: (t) => fetch(t.url, { ...t.post, body: new Blob(['a'], { type: 'text/csv' }) }),
    body: 'a',
    carriedBy: CARRIERS,
  },
  {
    name: 'an inherited keepalive with a Blob',
    call: (t) => fetch(t.url, Object.assign(Object.create({ keepalive: 1 }), { method: 'POST', body: t.blob })),
    carriedBy: ['query', ...HEADERS],
  },
  { name: 'a Request', call: (t) => fetch(t.request()), carriedBy: HEADERS },
  { name: 'a Request and {}', call: (t) => fetch(t.request(), {}), carriedBy: HEADERS },
  {
    name: 'a Request and undefined members',
    call: (t) => fetch(t.request(), { keepalive: undefined } as object),
    carriedBy: HEADERS,
  },
  {
    name: 'a Request and headers',
    call: (t) => fetch(t.request(), { headers: { ...t.jsonType, 'x-own': '1' } }),
    carriedBy: HEADERS,
  },
  {
    name: 'a Request that init makes keepalive',
    call: (t) => fetch(new Request(t.url, { method: 'POST', body: t.json, headers: t.jsonType }), { keepalive: true }),
    carriedBy: HEADERS,
  },
  {
    name: 'a Request of a Blob',
    call: (t) => fetch(new Request(t.url, { ...t.post, body: t.blob })),
    carriedBy: HEADERS,
  },
  {
    name: 'a Request of text',
    call: (t) => fetch(new Request(t.url, { ...t.post, body: t.json })),
    carriedBy: HEADERS,
  },
  {
    name: 'a Request of a form',
    call: (t) => fetch(new Request(t.url, { ...t.post, body: new URLSearchParams('a=1') })),
    body: 'a=1',
    carriedBy: HEADERS,
  },
  {
    name: 'a Request of a class of its own',
    call: (t) => fetch(new (class extends Request {})(t.url, { ...t.post, body: t.json, headers: t.jsonType })),
    carriedBy: HEADERS,
  },
  {
    name: 'a Request with baggage',
    call: (t) => fetch(new Request(t.url, { ...t.post, body: t.json, headers: { ...t.jsonType, baggage: 'a=1' } })),
    carriedBy: HEADERS,
  },
  {
    name: 'a Request without a body',
    call: (t) => fetch(new Request(t.url, t.post)),
    body: '',
    // Firefox does not tell that it has none, and WebKit breaks it when it is asked.
    carriedBy: ENGINE === 'chromium' ? CARRIERS : HEADERS,
  },
  {
    name: 'a Request with the body in init',
    call: (t) => fetch(new Request(t.url, t.post), { body: t.json }),
    carriedBy: CARRIERS,
  },
  {
    name: 'a Request with a File in init',
    call: (t) =>
      fetch(new Request(t.url), { ...t.post, body: new File([t.json], 'a.json', { type: 'application/json' }) }),
    carriedBy: ['query', ...HEADERS],
  },
  {
    name: 'a Request with a body, and another one in init',
    call: (t) => fetch(new Request(t.url, { ...t.post, body: 'own' }), { body: t.json }),
    carriedBy: CARRIERS,
  },
]
