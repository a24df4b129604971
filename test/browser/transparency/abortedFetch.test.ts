import { describe } from 'vitest'
import { itIsTheSameWithEachCarrier, type Row, useCarrierPages, withValues } from './eachCarrier.js'

useCarrierPages()

/** In the page: makes a call that the signal aborts. */
type Call = (url: string, init: RequestInit & { signal: AbortSignal }) => Promise<Response>

const rowsOf = (call: Call, isRead: boolean): Row[] => [
  {
    name: 'aborted before',
    arrive: 0,
    ...withValues({ call }, ({ url, call, settled, JSON_POST }) => {
      const signal = AbortSignal.abort(new RangeError('before'))
      return settled(call(url, { ...JSON_POST, signal }))
    }),
  },
  {
    name: 'aborted at once',
    arrive: 'any',
    isAbortedInReading: isRead,
    ...withValues({ call }, ({ url, call, settled, JSON_POST }) => {
      const controller = new AbortController()
      const promise = settled(call(url, { ...JSON_POST, signal: controller.signal }))
      controller.abort()
      return promise
    }),
  },
  {
    name: 'aborted a microtask later',
    arrive: 'any',
    isAbortedInReading: isRead,
    ...withValues({ call }, async ({ url, call, settled, JSON_POST }) => {
      const controller = new AbortController()
      const promise = settled(call(url, { ...JSON_POST, signal: controller.signal }))
      await undefined
      controller.abort('text')
      return promise
    }),
  },
  {
    name: 'aborted before the answer',
    arrive: 'any',
    ...withValues({ call }, ({ url, call, settled, JSON_POST }) => {
      const controller = new AbortController()
      const promise = settled(call(`${url}/hangs`, { ...JSON_POST, signal: controller.signal }))
      setTimeout(() => controller.abort(), 100)
      return promise
    }),
  },
  {
    name: 'out of time',
    arrive: 'any',
    ...withValues({ call }, ({ url, call, settled, JSON_POST }) =>
      settled(call(`${url}/hangs`, { ...JSON_POST, signal: AbortSignal.timeout(100) })),
    ),
  },
  {
    name: 'aborted after the headers',
    ...withValues({ call }, async ({ url, call, settled, described, JSON_POST }) => {
      const controller = new AbortController()
      const response = await call(`${url}/slow`, { ...JSON_POST, signal: controller.signal })
      controller.abort(new RangeError('after'))
      return [described(response), await settled(response.text()), response.bodyUsed]
    }),
  },
  {
    name: 'aborted in the middle of the body',
    ...withValues({ call }, async ({ url, call, settled, JSON_POST }) => {
      const controller = new AbortController()
      const response = await call(`${url}/slow`, { ...JSON_POST, signal: controller.signal })
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      const { done, value } = await reader.read()
      controller.abort()
      return [done, new TextDecoder().decode(value), await settled(reader.read()), await settled(reader.closed)]
    }),
  },
  {
    name: 'aborted when it is all there',
    ...withValues({ call }, async ({ url, call, JSON_POST }) => {
      const controller = new AbortController()
      const response = await call(url, { ...JSON_POST, signal: controller.signal })
      const text = await response.text()
      controller.abort()
      return text
    }),
  },
]

describe.each<[name: string, call: Call, isRead: boolean]>([
  ['fetch(url, init)', (url, init) => fetch(url, init), false],
  ['fetch(Request)', (url, init) => fetch(new Request(url, init)), true],
  ['fetch of a GET', (url, { signal }) => fetch(url, { signal }), false],
])('%s', (_, call, isRead) => {
  itIsTheSameWithEachCarrier(rowsOf(call, isRead))
})
