import { expect, it } from 'vitest'
import { servers } from '../../support/servers.js'
import { COLUMNS, type Column, type Row, run, useCarrierPages } from './eachCarrier.js'

useCarrierPages()

/** Calls to another origin, which it answers with the CORS headers that are asked for. */
const CALLS: Record<string, Row['script']> = {
  'a GET': ({ url, settled, described }) => settled(fetch(url).then(described)),
  'a POST of text': ({ url, settled, described }) =>
    settled(fetch(url, { method: 'POST', body: '{"a":1}' }).then(described)),
  'a POST of JSON': ({ url, settled, described, JSON_POST }) => settled(fetch(url, JSON_POST).then(described)),
  'a Request': ({ url, settled, described, JSON_POST }) => settled(fetch(new Request(url, JSON_POST)).then(described)),
  'a call with credentials': ({ url, settled, described, JSON_POST }) =>
    settled(fetch(url, { ...JSON_POST, credentials: 'include' }).then(described)),
  'a PUT with a header': ({ url, settled, described }) =>
    settled(fetch(url, { method: 'PUT', headers: { 'x-own': '1' } }).then(described)),
  'an XHR': async ({ url, ended }) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', url)
    const end = ended(xhr)
    xhr.send('text')
    await end
    return xhr.status
  },
  'an XHR with a listener on its upload': async ({ url, loggedXhr, ended }) => {
    const { xhr, log } = loggedXhr()
    xhr.open('POST', url)
    const end = ended(xhr)
    xhr.send('text')
    await end
    return log
  },
  'an XHR with a listener that comes after open': async ({ url, ended }) => {
    const log: string[] = []
    const xhr = new XMLHttpRequest()
    xhr.open('POST', url)
    xhr.upload.onload = () => log.push('load')
    const end = ended(xhr)
    xhr.send('text')
    await end
    return log
  },
  'an XHR with a listener that comes after send': async ({ url, ended }) => {
    const log: string[] = []
    const xhr = new XMLHttpRequest()
    xhr.open('POST', url)
    const end = ended(xhr)
    xhr.send('text')
    xhr.upload.onload = () => log.push('load')
    await end
    return log
  },
}

/** The headers that a carrier brings; that a call with one is asked about first, is what CORS has it do. */
const BROUGHT: Partial<Record<Column, string[]>> = {
  baggage: ['baggage'],
  'trace-tags': ['x-datadog-parent-id', 'x-datadog-tags', 'x-datadog-trace-id'],
}

/** What comes of a call in a column, and what the browser asks the other origin first. */
async function runAndAsk(column: Column, name: string, script: Row['script']) {
  servers.secure.preflights.length = 0
  const { trace, carried } = await run(column, { name, script, secure: true })
  const preflights = servers.secure.preflights.map((request) => ({
    method: request.header('access-control-request-method'),
    headers: request.header('access-control-request-headers')?.split(',').sort() ?? [],
  }))
  return { trace, carried, preflights }
}

it.each(Object.entries(CALLS))(
  '%s to another origin asks first if it does so natively, or for the headers of its carrier',
  async (name, script) => {
    const native = await runAndAsk('native', name, script)
    for (const column of COLUMNS.slice(1)) {
      const { trace, carried, preflights } = await runAndAsk(column, name, script)
      expect(trace, column).toEqual(native.trace)
      expect(carried, column).toEqual([column === 'plain' ? 0 : 1])
      const brought = BROUGHT[column]
      const [asked] = native.preflights
      const method = asked?.method ?? (name.endsWith('GET') ? 'GET' : 'POST')
      const headers = [...(asked?.headers ?? []), ...(brought ?? [])].sort()
      expect(preflights, column).toEqual(brought ? [{ method, headers }] : native.preflights)
    }
  },
)
