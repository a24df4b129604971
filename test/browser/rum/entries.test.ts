/** @module-tag quick */
import { describe, expect, it } from 'vitest'
import { send } from '../../support/calls.js'
import type { TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

/** Where the agent's server is reached under names that resolve to this machine in every browser. */
const hosts = () => ({
  page: stage.site.origin,
  agent: `https://agent.localhost:${stage.secure.port}`,
})

let calls = 0
/**
 * Makes a GET to the URL, with a parameter of its own to be known by, and tells what of the session id arrived; the
 * call must arrive whether it matched or not.
 */
async function arrives(page: TestPage, url: string, client: 'fetch(string, init)' | 'XHR' = 'XHR') {
  const mark = `call=${++calls}`
  const target = new URL(url, stage.site.origin)
  target.search += target.search === '' ? mark : `&${mark}`
  await page.evaluate(send, { client, url: target.href })
  const server = target.port === String(stage.secure.port) ? stage.secure : stage.site
  const request = server.requests.find(({ query }) => query?.split('&').includes(mark))
  return new URLSearchParams(request?.query).get('session_id') ?? undefined
}

describe('an entry', () => {
  it.each<{ name: string; entry: () => string; takes: () => string[]; leaves: () => string[] }>([
    {
      name: 'that is an origin takes all of it, and nothing else',
      entry: () => `'${hosts().agent}'`,
      takes: () => [hosts().agent, `${hosts().agent}/`, `${hosts().agent}/a/b?c=d#e`],
      leaves: () => [
        `${hosts().page}/x`,
        `https://localhost:${stage.secure.port}/x`,
        `https://x.agent.localhost:${stage.secure.port}/x`,
        `https://agent.localhost.evil.localhost:${stage.secure.port}/x`,
        `https://xagent.localhost:${stage.secure.port}/x`,
        `${hosts().page}/?u=${hosts().agent}`,
        `${hosts().page}/${hosts().agent}`,
        `http://agent.localhost:${stage.site.port}/x`,
        `https://agent.localhost@127.0.0.1:${stage.secure.port}/x`,
        `https://agent.localhost:x@127.0.0.1:${stage.secure.port}/x`,
      ],
    },
    {
      name: 'that is an origin in upper case is the same origin',
      entry: () => `'HTTPS://AGENT.LocalHost:${stage.secure.port}'`,
      takes: () => [`${hosts().agent}/x`, `HTTPS://AGENT.localhost:${stage.secure.port}/x`],
      leaves: () => [`${hosts().page}/x`],
    },
    {
      name: 'of another scheme takes nothing',
      entry: () => `'https://127.0.0.1:${stage.site.port}'`,
      takes: () => [],
      leaves: () => [`${hosts().page}/x`],
    },
    {
      name: 'that is a path takes it and what is below it, on the origin of the page',
      entry: () => `'/v1/chat'`,
      takes: () => [
        '/v1/chat',
        '/v1/chat/',
        '/v1/chat/x',
        '/v1/chat?x',
        '/v1/chat#x',
        '/v1/./a/../chat',
        '/v1//../chat',
      ],
      leaves: () => [
        '/v1/chatty',
        '/v1/chat.json',
        '/v1/chat%2Fx',
        '/v1',
        '/V1/Chat',
        '/x/v1/chat',
        '/v1/chat/../other',
        '/x?/v1/chat',
        `https://127.0.0.1:${stage.secure.port}/v1/chat`,
      ],
    },
    {
      name: 'that is an origin and a path takes what is below both',
      entry: () => `'${hosts().agent}/v1/agents'`,
      takes: () => [`${hosts().agent}/v1/agents`, `${hosts().agent}/v1/agents/7/runs?stream=1`],
      leaves: () => [`${hosts().agent}/v1/agentsx`, `${hosts().agent}/v1`, `${hosts().page}/v1/agents`],
    },
    {
      name: 'that is a RegExp is tested against the whole URL',
      entry: () => String.raw`/^https?:\/\/[^/]+\/v\d+\/chat\?mode=agent/`,
      takes: () => ['/v1/chat?mode=agent', `${hosts().agent}/v22/chat?mode=agent`],
      leaves: () => ['/v1/chat', '/v1/chat?mode=none', '/x/v1/chat?mode=agent'],
    },
    {
      name: 'that is a RegExp with the flag g keeps no state',
      entry: () => String.raw`/\/v1\/chat/g`,
      takes: () => ['/v1/chat', '/v1/chat', '/v1/chat', '/v1/chat'],
      leaves: () => ['/v2'],
    },
    {
      name: 'that is a RegExp with the flag y keeps no state',
      entry: () => String.raw`/http:\/\/[^/]*\/v1\/chat/y`,
      takes: () => ['/v1/chat', '/v1/chat', '/v1/chat', '/v1/chat'],
      leaves: () => ['/v2'],
    },
    {
      name: 'that is a function is asked with the whole URL',
      entry: () => `(url) => url.startsWith('${hosts().page}/v1/') && url.includes('chat')`,
      takes: () => ['/v1/chat', '/v1/x?chat'],
      leaves: () => ['/v2/chat'],
    },
    {
      name: 'that is a function which throws takes nothing',
      entry: () => `(url) => { if (url.includes('good')) return true; throw new Error('on purpose') }`,
      takes: () => ['/good'],
      leaves: () => ['/bad', '/bad'],
    },
  ])('$name', async ({ entry, takes, leaves }) => {
    const page = await stage.open({ correlation: `[${entry()}]` })
    const id = await page.sessionId()
    for (const url of takes()) {
      expect(await arrives(page, url), url).toBe(id)
    }
    for (const url of leaves()) {
      expect(await arrives(page, url), url).toBeUndefined()
    }
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each(['data:application/json,{"a":1}', 'blob:'])('never takes a %s URL', async (kind) => {
    const page = await stage.open({ correlation: `[/.*/, () => true, '${stage.site.origin}']` })
    await page.sessionId()
    const texts = await page.evaluate(async (kind) => {
      const url = kind === 'blob:' ? URL.createObjectURL(new Blob(['{"a":1}'])) : kind
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      await new Promise((resolve) => {
        xhr.onloadend = resolve
        xhr.send()
      })
      return [
        await (await fetch(url)).text(),
        await (await fetch(new Request(url))).text(),
        xhr.responseText,
        xhr.responseURL.includes('session_id'),
      ]
    }, kind)
    expect(texts).toEqual(['{"a":1}', '{"a":1}', '{"a":1}', false])
    await page.close()
  })
})

describe('several entries', () => {
  it('are asked in order, and the first that takes a call decides its carrier and field', async () => {
    const page = await stage.open({
      correlation: `{
        carrier: 'query',
        field: 'sid',
        origins: [
          { match: '/order/chat/special', carrier: 'baggage' },
          { match: /\\/order\\/chat/, field: 'chat_sid' },
          '/order',
          { match: (url) => url.endsWith('/post'), carrier: 'body', field: 'meta.sid' },
          { match: '/order/chat', carrier: 'baggage' },
        ],
      }`,
    })
    const id = await page.sessionId()
    const post = { client: 'fetch(string, init)', method: 'POST', body: { as: 'string', text: '{"a":1}' } } as const
    for (const path of ['/order/chat/special/x', '/order/chat/x', '/order/other', '/first/post', '/none']) {
      await page.evaluate(send, { ...post, url: path })
    }
    const seen = async (path: string) => {
      const request = await stage.site.only(path)
      return [request.query, request.header('baggage'), request.text]
    }
    expect(await seen('/order/chat/special/x')).toEqual([undefined, `session.id=${id}`, '{"a":1}'])
    expect(await seen('/order/chat/x')).toEqual([`chat_sid=${id}`, undefined, '{"a":1}'])
    expect(await seen('/order/other')).toEqual([`sid=${id}`, undefined, '{"a":1}'])
    expect(await seen('/first/post')).toEqual([undefined, undefined, `{"meta":{"sid":"${id}"},"a":1}`])
    expect(await seen('/none')).toEqual([undefined, undefined, '{"a":1}'])
    await page.close()
  })

  it('take relative URLs by what the page resolves them to', async () => {
    const page = await stage.open({ correlation: `['/pages/api']` })
    const id = await page.sessionId()
    await page.evaluate(async () => {
      await fetch('api/fetch')
      await fetch(new Request('./api/request'))
      const xhr = new XMLHttpRequest()
      xhr.open('GET', '../pages/api/xhr')
      await new Promise((resolve) => {
        xhr.onloadend = resolve
        xhr.send()
      })
      document.head.append(Object.assign(document.createElement('base'), { href: '/elsewhere/' }))
      await fetch('api/based')
      await fetch('../pages/api/based')
    })
    for (const path of ['/pages/api/fetch', '/pages/api/request', '/pages/api/xhr', '/pages/api/based']) {
      expect((await stage.site.only(path)).query, path).toBe(`session_id=${id}`)
    }
    expect((await stage.site.only('/elsewhere/api/based')).query).toBeUndefined()
    await page.close()
  })
})

describe('a wrong entry', () => {
  it.each([
    'agent.example.com',
    'localhost:3000',
    'agent.example.com:443/v1',
    'https://agent.example.com/?a=1',
    'https://agent.example.com/#a',
    '/api?a=1',
    '',
    'https://',
  ])('%j is named in a console error, and the others still work', async (entry) => {
    const page = await stage.open({ correlation: `[${JSON.stringify(entry)}, '/v1/chat']` })
    const id = await page.sessionId()
    expect(await arrives(page, '/v1/chat')).toBe(id)
    const errors = page.console.filter((message) => message.startsWith('error:'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(entry)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each([
    'null',
    'undefined',
    '42',
    'true',
    '{}',
    '[]',
    '{ match: 42 }',
    "{ match: '/v1', carrier: 'header' }",
    "{ match: '/v2', field: 1 }",
  ])('%s makes a console error, and the others still work', async (entry) => {
    const page = await stage.open({ correlation: `[${entry}, '/v1/chat']` })
    const id = await page.sessionId()
    expect(await arrives(page, '/v1/chat')).toBe(id)
    expect(page.console.filter((message) => message.startsWith('error:'))).toHaveLength(1)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each(['undefined', 'null', '42', "'/v1'", '[]', '{}', '{ origins: [] }', "{ origins: '/v1' }", '() => 1'])(
    'llmCorrelation(%s) makes a console error, and RUM starts all the same',
    async (options) => {
      const page = await stage.open({ plugins: `[DD_LLM_CORRELATION.llmCorrelation(${options})]` })
      await page.sessionId()
      expect(await arrives(page, '/plain')).toBeUndefined()
      expect(page.console.filter((message) => message.startsWith('error:')).length).toBeGreaterThan(0)
      expect(page.errors).toEqual([])
      await page.close()
    },
  )

  it('whose members throw when read does not stop RUM', async () => {
    const trap = `new Proxy({}, { get() { throw new Error('on purpose') }, has() { throw new Error('on purpose') } })`
    for (const options of [
      trap,
      `{ origins: ${trap} }`,
      `[${trap}, '/v1/chat']`,
      `{ origins: [{ get match() { throw 1 } }] }`,
    ]) {
      const page = await stage.open({ correlation: options })
      const id = await page.sessionId()
      expect(await arrives(page, '/v1/chat')).toBe(options.includes('/v1/chat') ? id : undefined)
      expect(page.errors).toEqual([])
      await page.close()
    }
  })
})
