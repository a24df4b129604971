/** @module-tag quick */

import { describe, expect, it } from 'vitest'
import type { MatchOption } from '../../../src/index.js'
import { arrives } from '../../support/arrives.js'
import { send } from '../../support/calls.js'
import { openPage } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'

/** Where the agent's server is reached under names that resolve to this machine in every browser. */
const hosts = () => ({
  page: servers.site.origin,
  agent: `https://agent.localhost:${servers.secure.port}`,
})

describe('an entry', () => {
  it.each<{ name: string; entry: () => MatchOption; takes: () => string[]; leaves: () => string[] }>([
    {
      name: 'that is an origin takes all of it, and nothing else',
      entry: () => hosts().agent,
      takes: () => [hosts().agent, `${hosts().agent}/`, `${hosts().agent}/a/b?c=d#e`],
      leaves: () => [
        `${hosts().page}/x`,
        `https://localhost:${servers.secure.port}/x`,
        `https://x.agent.localhost:${servers.secure.port}/x`,
        `https://agent.localhost.evil.localhost:${servers.secure.port}/x`,
        `https://xagent.localhost:${servers.secure.port}/x`,
        `${hosts().page}/?u=${hosts().agent}`,
        `${hosts().page}/${hosts().agent}`,
        `http://agent.localhost:${servers.site.port}/x`,
        `https://agent.localhost@127.0.0.1:${servers.secure.port}/x`,
        `https://agent.localhost:x@127.0.0.1:${servers.secure.port}/x`,
      ],
    },
    {
      name: 'that is an origin in upper case is the same origin',
      entry: () => `HTTPS://AGENT.LocalHost:${servers.secure.port}`,
      takes: () => [`${hosts().agent}/x`, `HTTPS://AGENT.localhost:${servers.secure.port}/x`],
      leaves: () => [`${hosts().page}/x`],
    },
    {
      name: 'of another scheme takes nothing',
      entry: () => `https://127.0.0.1:${servers.site.port}`,
      takes: () => [],
      leaves: () => [`${hosts().page}/x`],
    },
    {
      name: 'that is a path takes it and what is below it, on the origin of the page',
      entry: () => '/v1/chat',
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
        `https://127.0.0.1:${servers.secure.port}/v1/chat`,
      ],
    },
    {
      name: 'that is an origin and a path takes what is below both',
      entry: () => `${hosts().agent}/v1/agents`,
      takes: () => [`${hosts().agent}/v1/agents`, `${hosts().agent}/v1/agents/7/runs?stream=1`],
      leaves: () => [`${hosts().agent}/v1/agentsx`, `${hosts().agent}/v1`, `${hosts().page}/v1/agents`],
    },
    {
      name: 'that is a RegExp is tested against the whole URL',
      entry: () => /^https?:\/\/[^/]+\/v\d+\/chat\?mode=agent/,
      takes: () => ['/v1/chat?mode=agent', `${hosts().agent}/v22/chat?mode=agent`],
      leaves: () => ['/v1/chat', '/v1/chat?mode=none', '/x/v1/chat?mode=agent'],
    },
    {
      name: 'that is a RegExp with the flag g keeps no state',
      entry: () => /\/v1\/chat/g,
      takes: () => ['/v1/chat', '/v1/chat', '/v1/chat', '/v1/chat'],
      leaves: () => ['/v2'],
    },
    {
      name: 'that is a RegExp with the flag y keeps no state',
      entry: () => /http:\/\/[^/]*\/v1\/chat/y,
      takes: () => ['/v1/chat', '/v1/chat', '/v1/chat', '/v1/chat'],
      leaves: () => ['/v2'],
    },
    {
      name: 'that is a function is asked with the whole URL',
      entry: () => (url) => url.startsWith(`${location.origin}/v1/`) && url.includes('chat'),
      takes: () => ['/v1/chat', '/v1/x?chat'],
      leaves: () => ['/v2/chat'],
    },
    {
      name: 'that is a function which throws takes nothing',
      entry: () => (url) => {
        if (url.includes('good')) return true
        throw new Error('on purpose')
      },
      takes: () => ['/good'],
      leaves: () => ['/bad', '/bad'],
    },
  ])('$name', async ({ entry, takes, leaves }) => {
    const page = await openPage({ plugin: [entry()] })
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
    const page = await openPage({ plugin: [/.*/, () => true, servers.site.origin] })
    await page.sessionId()
    const texts = await page.run(async (kind) => {
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
    const page = await openPage({
      plugin: {
        carrier: 'query',
        field: 'sid',
        origins: [
          { match: '/order/chat/special', carrier: 'baggage' },
          { match: /\/order\/chat/, field: 'chat_sid' },
          '/order',
          { match: (url: string) => url.endsWith('/post'), carrier: 'body', field: 'meta.sid' },
          { match: '/order/chat', carrier: 'baggage' },
        ],
      },
    })
    const id = await page.sessionId()
    const post = { client: 'fetch(string, init)', method: 'POST', body: { as: 'string', text: '{"a":1}' } } as const
    for (const path of ['/order/chat/special/x', '/order/chat/x', '/order/other', '/first/post', '/none']) {
      await page.run(send, { ...post, url: path })
    }
    const seen = async (path: string) => {
      const request = await servers.site.only(path)
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
    const page = await openPage({ plugin: ['/pages/api'] })
    const id = await page.sessionId()
    await page.run(async () => {
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
      expect((await servers.site.only(path)).query, path).toBe(`session_id=${id}`)
    }
    expect((await servers.site.only('/elsewhere/api/based')).query).toBeUndefined()
    await page.close()
  })
})
