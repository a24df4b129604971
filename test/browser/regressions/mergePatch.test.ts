import { beforeAll, describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, FETCH_CLIENTS, withField } from '../../support/calls.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { times } from '../../support/times.js'

let page: Page
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: ['/agent', { match: '/agent/dotted', field: 'metadata.session_id' }] })
})

const PATCH_TYPES = [
  'application/merge-patch+json',
  'application/merge-patch+json; charset=utf-8',
  'Application/Merge-Patch+JSON',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/vnd.example.v1-merge-patch+json',
]
const OTHER_TYPES = ['application/json', 'application/vnd.api+json', 'application/patch+json', 'application/ld+json']

const BODIES: Array<Body & { text: string }> = [
  { as: 'string', text: '{"title":"new"}' },
  { as: 'string', text: '{"metadata":{"a":null}}' },
  { as: 'Uint8Array', text: '{"title":"new"}' },
]
const JSON_BLOB: Body = { as: 'Blob', text: '{"title":"new"}', type: 'application/json' }

describe('a patch gets no member, which would mean "set this"', () => {
  it.each(times(CLIENTS, times(PATCH_TYPES, BODIES)))('by %s: %j', async (client, [type, body]) => {
    const pair = await page.sendBoth({ client, method: 'PATCH', headers: { 'content-type': type }, body })
    expectOnly(pair, { query: `session_id=${STUB_SESSION_ID}` })
  })

  it.each(times(FETCH_CLIENTS, PATCH_TYPES))('by %s of a Blob: %s', async (client, type) => {
    const call = { client, method: 'PATCH', headers: { 'content-type': type }, body: JSON_BLOB }
    expectOnly(await page.sendBoth(call), { query: `session_id=${STUB_SESSION_ID}` })
  })
})

describe('JSON of another type gets the member with the method PATCH, too', () => {
  it.each(times(CLIENTS, OTHER_TYPES))('by %s: %s', async (client, type) => {
    const body: Body = { as: 'string', text: '{"title":"new"}' }
    const pair = await page.sendBoth({ client, method: 'PATCH', headers: { 'content-type': type }, body })
    expectOnly(pair, { body: withField(pair.plain.body, STUB_SESSION_ID) })
    expect(pair.agent.method).toBe('PATCH')
  })
})
