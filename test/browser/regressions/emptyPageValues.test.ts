import { expect, it } from 'vitest'
import type { Carrier } from '../../../src/index.js'
import { openPage } from '../../support/openPage.js'

interface Row {
  carrier: Carrier
  query?: string
  body?: string
  headers?: Record<string, string>
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const ROWS: Row[] = [
  { carrier: 'body', body: '{"session_id":null,"a":1}' },
  { carrier: 'body', body: '{"a":1,"session_id":""}' },
  { carrier: 'body', body: 'a=1&session_id=', headers: FORM },
  { carrier: 'query', query: 'session_id=&a=1' },
  { carrier: 'query', query: 'session_id' },
  { carrier: 'baggage', headers: { baggage: 'session.id=,a=1' } },
  { carrier: 'trace-tags', headers: { 'x-datadog-tags': '_dd.p.llmobs_sid=' } },
]

it.each(ROWS)('a value that says "none" stays, without a warning: $carrier $query $body', async (row) => {
  const page = await openPage({ plugin: { origins: ['/agent'], carrier: row.carrier, debug: true } })
  const id = await page.sessionId()
  const path = `/agent/${ROWS.indexOf(row)}`
  const send = async ({ url, body, headers = {} }: Row & { url: string }) => {
    const init = { headers, ...(body === undefined ? {} : { method: 'POST', body }) }
    return (await fetch(url, init)).status
  }
  await page.run(send, { ...row, url: `${path}${row.query === undefined ? '' : `?${row.query}`}` })
  const request = await page.server.only(path)
  expect(
    JSON.stringify([request.url, request.text, request.header('baggage'), request.header('x-datadog-tags')]),
  ).not.toContain(id)
  expect(request.query).toBe(row.query)
  expect(request.text).toBe(row.body ?? '')
  const lines = page.console.filter((line) => line.includes(path))
  expect(lines).toEqual([expect.stringMatching(/: none \(page_value\)$/)])
  expect(page.console.join()).not.toContain('already sets another')
  await page.close()
})

it('the debug line of a call that got the id adds nothing', async () => {
  const page = await openPage({ plugin: { origins: ['/agent'], debug: true } })
  const id = await page.sessionId()
  await page.run((id) => fetch('/agent/line', { method: 'POST', body: `{"session_id":"${id}"}` }).then(() => 0), id)
  await page.run(() => fetch('/agent/line', { method: 'POST', body: '{"inner":{"session_id":null}}' }).then(() => 0))
  expect(page.console.filter((line) => line.includes('/line'))).toEqual([
    expect.stringMatching(/POST \S*\/agent\/line: body session_id$/),
    expect.stringMatching(/POST \S*\/agent\/line: body session_id$/),
  ])
  await page.close()
})
