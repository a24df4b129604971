/** @module-tag quick */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, FETCH_CLIENTS, type Pair } from '../../support/calls.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { membersOf } from '../../support/w3cBaggage.js'

let page: Page
let id: string

beforeAll(async () => {
  page = await openPage({
    plugin: { origins: ['/agent', `${servers.secure.origin}/agent`], carrier: 'baggage' },
  })
  id = await page.sessionId()
})

/** Nothing but the baggage header differs, and it has these members, each once, on one line. */
function expectMembers(pair: Pair, members: string[]): void {
  const lines = pair.agent.rawHeaders.filter(([name]) => name.toLowerCase() === 'baggage')
  expect(lines).toHaveLength(1)
  const [, baggage] = lines[0] as [string, string]
  expect(membersOf(baggage)).toEqual(members)
  expectOnly(pair, { headers: { baggage } })
}

describe.each(CLIENTS)('%s', (client) => {
  it.each(['GET', 'HEAD', 'POST', 'DELETE'])('gets the header with method %s', async (method) => {
    const pair = await page.sendBoth({ client, method })
    expectMembers(pair, [`session.id=${id}`])
    expect(pair.agent.header('baggage')).toBe(`session.id=${id}`)
  })

  it.each<[string, Body]>([
    ['JSON text', { as: 'string', text: '{"a":1}' }],
    ['bytes', { as: 'Uint8Array', bytes: [0, 255, 128] }],
    ['a Blob', { as: 'Blob', bytes: [0, 255, 128], type: 'application/x-blob' }],
    ['URLSearchParams', { as: 'URLSearchParams', entries: [['a', '1']] }],
    ['FormData', { as: 'FormData', entries: [['f', { fileName: 'f', type: 'a/b', text: 'x' }]] }],
  ])('leaves %s alone', async (_, body) => {
    const pair = await page.sendBoth({ client, method: 'POST', body })
    expectMembers(pair, [`session.id=${id}`])
  })

  it.each<[string, string[]]>([
    ['a=1', ['a=1']],
    ['a=1,b=2', ['a=1', 'b=2']],
    ['a=1;p=2;q, b = %20x ;r', ['a=1;p=2;q', 'b= x;r']],
    ['other.session.id=1,session.idx=2,SESSION.ID=3', ['other.session.id=1', 'session.idx=2', 'SESSION.ID=3']],
    ['a=session.id=1', ['a=session.id=1']],
    ['a=', ['a=']],
  ])("joins the page's own %j", async (own, members) => {
    const pair = await page.sendBoth({
      client,
      headers: { Baggage: own, 'x-other': '1', constructor: '2' },
    })
    expectMembers(pair, [...members, `session.id=${id}`])
  })

  const list = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=${index}`)

  it('fills up to 64 members', async () => {
    const pair = await page.sendBoth({ client, headers: { baggage: list(63).join(',') } })
    expectMembers(pair, [...list(63), `session.id=${id}`])
  })

  it('takes the query parameter instead of a 65th member', async () => {
    const pair = await page.sendBoth({ client, headers: { baggage: list(64).join(',') } })
    expectOnly(pair, { query: `session_id=${id}` })
  })

  const added = `,session.id=${'0'.repeat(36)}`.length

  it('fills up to 8192 bytes', async () => {
    // One byte is left for a space after the comma.
    const own = `a=${'x'.repeat(8192 - added - 3)}`
    const pair = await page.sendBoth({ client, headers: { baggage: own } })
    expectMembers(pair, [own, `session.id=${id}`])
    expect(pair.agent.header('baggage')?.length).toBeLessThanOrEqual(8192)
  })

  it('takes the query parameter instead of more than 8192 bytes', async () => {
    const own = `a=${'x'.repeat(8192 - added - 1)}`
    const pair = await page.sendBoth({ client, headers: { baggage: own } })
    expectOnly(pair, { query: `session_id=${id}` })
  })
})

describe('headers', () => {
  it.each(times(FETCH_CLIENTS, ['object', 'Headers', 'tuples', 'iterable'] as const))(
    '%s: headers given as %s are kept',
    async (client, headersAs) => {
      const headers = {
        'X-One': '1',
        BAGGAGE: 'a=1',
        'content-type': 'application/json',
        authorization: 't',
        constructor: '2',
      }
      const body: Body = { as: 'string', text: '[]' }
      const pair = await page.sendBoth({ client, method: 'POST', headers, headersAs, body })
      expectMembers(pair, ['a=1', `session.id=${id}`])
    },
  )

  it('of a Request are kept when the init has none', async () => {
    const pair = await evaluatePair(async (url) => {
      const request = new Request(url, { headers: { 'x-one': '1', baggage: 'a=1', authorization: 'Bearer t' } })
      await fetch(request, { method: 'POST', body: 'x' })
    })
    expectMembers(pair, ['a=1', `session.id=${id}`])
    expect(pair.agent.header('authorization')).toBe('Bearer t')
  })

  it('of a Request are gone when the init has its own, as natively', async () => {
    const pair = await evaluatePair(async (url) => {
      const request = new Request(url, { headers: { 'x-one': '1', baggage: 'a=1' } })
      await fetch(request, { headers: { 'x-two': '2' } })
    })
    expectMembers(pair, [`session.id=${id}`])
    expect(pair.agent.header('x-one')).toBeUndefined()
  })

  it('set twice on an XHR are joined', async () => {
    const pair = await evaluatePair(async (url) => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      xhr.setRequestHeader('baggage', 'a=1')
      xhr.setRequestHeader('Baggage', 'b=2')
      await new Promise((resolve) => {
        xhr.onloadend = resolve
        xhr.send()
      })
    })
    expectMembers(pair, ['a=1', 'b=2', `session.id=${id}`])
  })

  it('of a reused XHR do not accumulate', async () => {
    const pair = await evaluatePair(async (url) => {
      const xhr = new XMLHttpRequest()
      for (const target of [`${url}-first`, url]) {
        xhr.open('GET', target)
        await new Promise((resolve) => {
          xhr.onloadend = resolve
          xhr.send()
        })
      }
    })
    expectMembers(pair, [`session.id=${id}`])
  })
})

let pairs = 0
async function evaluatePair(script: (url: string) => Promise<void>): Promise<Pair> {
  const path = `script/${++pairs}`
  await page.run(script, `${servers.site.origin}/plain/${path}`)
  await page.run(script, `${servers.site.origin}/agent/${path}`)
  return { plain: await servers.site.only(`/plain/${path}`), agent: await servers.site.only(`/agent/${path}`) }
}

describe('across origins', () => {
  it.each(CLIENTS)('%s asks the server for leave to send the header', async (client) => {
    const pair = await page.sendBoth({ client }, { server: servers.secure })
    expectMembers(pair, [`session.id=${id}`])
    expect(servers.secure.preflightsTo(pair.plain.path)).toEqual([])
    const [preflight, ...others] = servers.secure.preflightsTo(pair.agent.path)
    expect(others).toEqual([])
    expect(preflight?.header('access-control-request-headers')).toBe('baggage')
    expect(preflight?.query).toBeUndefined()
  })

  it.each(FETCH_CLIENTS)(
    '%s without CORS, which cannot carry the header, takes the query parameter',
    async (client) => {
      const query = `session_id=${id}`
      const init = { mode: 'no-cors' }
      expectOnly(await page.sendBoth({ client, init }, { server: servers.secure }), { query })
      const body: Body = { as: 'string', text: '{"a":1}' }
      expectOnly(await page.sendBoth({ client, init, method: 'POST', body }, { server: servers.secure }), { query })
      expectOnly(await page.sendBoth({ client, init, headers: { baggage: 'a=1' } }, { server: servers.secure }), {
        query,
      })
    },
  )

  it.each(FETCH_CLIENTS)('%s of a stream gets the header', async (client) => {
    skipIn(['firefox', 'webkit'], NO_STREAMS)
    const body: Body = { as: 'ReadableStream', text: 'streamed' }
    expectMembers(await page.sendBoth({ client, method: 'POST', body }, { server: servers.secure }), [
      `session.id=${id}`,
    ])
  })
})

describe('signed requests', () => {
  it.each(CLIENTS)('%s gets the header, which no signature covers', async (client) => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=y' }
    const pair = await page.sendBoth({ client, method: 'POST', headers })
    expectMembers(pair, [`session.id=${id}`])
  })
})

describe('user and account', () => {
  const open = (options: { propagateUser?: boolean } = {}) =>
    openPage({ plugin: { origins: ['/agent'], carrier: 'baggage', ...options } })
  const setUser = () => {
    DD_RUM.setUser({ id: 'u 1,;="é', name: 'Ann', email: 'ann@example.com' })
    DD_RUM.setAccount({ id: 'acme', name: 'Acme' })
  }

  it('are not propagated unless asked for', async () => {
    const own = await open()
    const session = await own.sessionId()
    await own.run(setUser)
    const { agent } = await own.sendBoth({ client: 'fetch(string, init)' })
    expect(membersOf(agent.header('baggage'))).toEqual([`session.id=${session}`])
  })

  it('are propagated with propagateUser, by id alone', async () => {
    const own = await open({ propagateUser: true })
    const session = await own.sessionId()
    await own.run(setUser)
    for (const client of CLIENTS) {
      const pair = await own.sendBoth({ client, headers: { baggage: 'a=1' } })
      const members = membersOf(pair.agent.header('baggage'))
      expect(members[0]).toBe('a=1')
      expect(members.sort()).toEqual(['a=1', 'account.id=acme', `session.id=${session}`, 'user.id=u 1,;="é'])
      expectOnly(pair, { headers: { baggage: pair.agent.header('baggage') as string } })
    }
    await own.close()
  })

  it('follow later changes', async () => {
    const own = await open({ propagateUser: true })
    const session = await own.sessionId()
    const members = async () => {
      const { agent } = await own.sendBoth({ client: 'fetch(string, init)' })
      return membersOf(agent.header('baggage')).sort()
    }
    expect(await members()).toEqual([`session.id=${session}`])
    await own.run(() => DD_RUM.setUser({ id: 'one' }))
    expect(await members()).toEqual([`session.id=${session}`, 'user.id=one'])
    await own.run(() => {
      DD_RUM.setUser({ id: 'two' })
      DD_RUM.setAccount({ id: 'acme' })
    })
    expect(await members()).toEqual(['account.id=acme', `session.id=${session}`, 'user.id=two'])
    await own.run(() => {
      DD_RUM.clearUser()
      DD_RUM.clearAccount()
    })
    expect(await members()).toEqual([`session.id=${session}`])
    await own.close()
  })

  it("never replace the page's own members", async () => {
    const own = await open({ propagateUser: true })
    const session = await own.sessionId()
    await own.run(setUser)
    const headers = { baggage: 'user.id=theirs,account.id=theirs' }
    const { agent } = await own.sendBoth({ client: 'fetch(string, init)', headers })
    expect(membersOf(agent.header('baggage'))).toEqual(['user.id=theirs', 'account.id=theirs', `session.id=${session}`])
    await own.close()
  })

  it('can be asked for by one entry alone, and never travel in a body or query', async () => {
    const own = await openPage({
      plugin: {
        carrier: 'baggage',
        origins: [
          { match: '/agent/fetchstringinit', propagateUser: true },
          { match: '/agent/fetchURLinit' },
          { match: '/agent/XHR', carrier: 'body', propagateUser: true },
        ],
      },
    })
    const session = await own.sessionId()
    await own.run(setUser)
    const first = await own.sendBoth({ client: 'fetch(string, init)' })
    expect(membersOf(first.agent.header('baggage'))).toHaveLength(3)
    const second = await own.sendBoth({ client: 'fetch(URL, init)' })
    expect(membersOf(second.agent.header('baggage'))).toEqual([`session.id=${session}`])
    const third = await own.sendBoth({ client: 'XHR', method: 'POST', body: { as: 'string', text: '{}' } })
    expectOnly(third, { body: `{"session_id":"${session}"}` })
    await own.close()
  })
})

it('none of this made a console message or an error', () => {
  expect(page.console).toEqual([])
  expect(page.errors).toEqual([])
})
