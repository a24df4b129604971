import type { Carrier } from '../../src/index.js'
import { type Call, type Change, CLIENTS, expectOnly } from './calls.js'
import type { Page } from './openPage.js'

const POST: Omit<Call, 'url' | 'client'> = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: { as: 'string', text: '{"a":1}' },
}

/** What the carrier adds to {@link POST}, and to a GET. */
function changesBy(carrier: Carrier, id: string): { post: Change; get: Change } {
  const query = { query: `session_id=${id}` }
  const baggage = { headers: { baggage: `session.id=${id}` } }
  switch (carrier) {
    case 'body':
      return { post: { body: `{"session_id":"${id}","a":1}` }, get: query }
    case 'query':
      return { post: query, get: query }
    case 'baggage':
      return { post: baggage, get: baggage }
    default:
      throw new Error(`The trace id of ${carrier} is drawn anew for each call`)
  }
}

/**
 * The id is in each client's calls, JSON and GET, exactly once, and nothing else differs from an
 * uncorrelated call.
 */
export async function expectOnce(page: Page, id: string, carrier: Carrier = 'body'): Promise<void> {
  const { post, get } = changesBy(carrier, id)
  for (const client of CLIENTS) {
    expectOnly(await page.sendBoth({ client, ...POST }), post)
    expectOnly(await page.sendBoth({ client }), get)
  }
}

/** Each client's calls go out as the page made them. */
export async function expectNone(page: Page): Promise<void> {
  for (const client of CLIENTS) {
    expectOnly(await page.sendBoth({ client, ...POST }))
    expectOnly(await page.sendBoth({ client }))
  }
}
