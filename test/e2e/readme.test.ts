import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../support/openPage.js'
import type { TestPage } from '../support/page.js'
import { closeServers, servers, startServers } from '../support/servers.js'
import { snippet } from './snippet.js'

describe('in the page', () => {
  beforeAll(startServers)
  afterAll(closeServers)
  const withProxy = (code: string) =>
    code.replace("clientToken: '<CLIENT_TOKEN>',", "clientToken: '<CLIENT_TOKEN>', proxy: '/rum-intake',")
  const scriptTags = () => withProxy(snippet('html', '<script src="/datadog-rum.js">'))
  // What Datadog's snippet leaves: a list of what to do when the SDK is there, and a script tag for it.
  const asyncTags = () => `<script>window.DD_RUM = { q: [], onReady: (callback) => DD_RUM.q.push(callback) }</script>
    <script src="/datadog-rum.js" async></script>
    ${withProxy(snippet('html', 'startRum()'))}`

  const integrity = JSON.parse(readFileSync('dist/sri.json', 'utf8'))['rum-llm-correlation.iife.js'] as string
  const FILES: Record<string, string> = {
    '/datadog-rum.js': 'node_modules/@datadog/browser-rum/bundle/datadog-rum.js',
    '/rum-llm-correlation.iife.js': 'dist/rum-llm-correlation.iife.js',
  }

  /** Opens a page with the HTML of a snippet; `late` names the file that comes after all else, `missing` one that does not. */
  async function openHtml(html: string, { late, missing }: { late?: string; missing?: string } = {}) {
    const page = await openPage({ sdk: 'none', plugin: false })
    await page.context.route('**/snippet.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<!doctype html>${html}` }),
    )
    for (const [path, file] of Object.entries(FILES)) {
      await page.context.route(`**${path}`, async (route) => {
        if (path === late) {
          await new Promise((resolve) => setTimeout(resolve, 300))
        }
        return path === missing
          ? route.abort()
          : route.fulfill({
              contentType: 'text/javascript',
              path: file,
              headers: { 'access-control-allow-origin': '*' },
            })
      })
    }
    await page.page.goto(`${servers.site.origin}/snippet.html`)
    return page
  }

  const npmPage = (change = (code: string) => code) =>
    openPage({
      sdk: 'none',
      plugin: false,
      module: `${change(withProxy(snippet('js', "from 'rum-llm-correlation'")))};window.DD_RUM = datadogRum`,
    })

  it('the npm snippet correlates a call', async () => {
    await expectCorrelated(await npmPage(), '/api/chat/npm')
  })

  it('the npm snippet correlates a form and a GET', async () => {
    const page = await npmPage()
    const id = await page.sessionId()
    await page.run(async () => {
      await fetch('/api/chat/form', { method: 'POST', body: new URLSearchParams('message=hi') })
      await fetch('/api/chat/get?message=hi')
    })
    expect((await servers.site.only('/api/chat/form')).text).toBe(`message=hi&session_id=${id}`)
    expect((await servers.site.only('/api/chat/get')).query).toBe(`message=hi&session_id=${id}`)
    await page.close()
  })

  it('the npm snippet leaves calls of a session that is not sampled as they are', async () => {
    const page = await npmPage((code) => code.replace('clientToken:', 'sessionSampleRate: 0, clientToken:'))
    await page.run(async () => {
      await fetch('/api/chat/json', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })
      await fetch('/api/chat/unsampled', { method: 'POST', body: new URLSearchParams('a=1') })
      await fetch('/api/chat/bare')
    })
    expect((await servers.site.only('/api/chat/json')).text).toBe('{"a":1}')
    expect((await servers.site.only('/api/chat/unsampled')).text).toBe('a=1')
    expect((await servers.site.only('/api/chat/bare')).url).toBe('/api/chat/bare')
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('a field that is written by hand, as in the guide, stays, and the console says what it says without it', async () => {
    const page = await npmPage((code) => code.replace('origins:', 'debug: true, origins:'))
    const id = await page.sessionId()
    await page.run(async () => {
      const send = (path: string, content: object) =>
        fetch(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(content),
        })
      await send('/api/chat/by-hand', { message: 'hi', session_id: DD_RUM.getInternalContext()?.session_id })
      await send('/api/chat/by-plugin', { message: 'hi' })
    })
    expect((await servers.site.only('/api/chat/by-hand')).text).toBe(`{"message":"hi","session_id":"${id}"}`)
    const lines = page.console.filter((line) => /by-(?:hand|plugin)/.test(line))
    expect(lines.map((line) => line.replace(/.*by-\w+/, ''))).toEqual([': body session_id', ': body session_id'])
    await page.close()
  })

  it.each([
    ['script-tag', scriptTags, {}],
    ['async', asyncTags, {}],
    ['async', asyncTags, { late: '/datadog-rum.js' }],
    ['async', asyncTags, { late: '/rum-llm-correlation.iife.js' }],
  ])('the %s snippet correlates a call (%#)', async (name, html, when) => {
    await expectCorrelated(await openHtml(html(), when), `/api/chat/${name}`)
  })

  it.each(['unpkg.com', 'cdn.jsdelivr.net'])('the tag for %s loads the plugin, with its hash', async (host) => {
    const [, of] = /cdn\.jsdelivr\.net(\/npm)/.exec(snippet('html', 'integrity')) ?? []
    const tag = snippet('html', 'integrity')
      .replace(/integrity="[^"]*"/, `integrity="${integrity}"`)
      .replace('unpkg.com', host === 'unpkg.com' ? host : `${host}${of}`)
    const page = await openHtml(`${tag}<script>window.plugin = DD_LLM_CORRELATION.llmCorrelation(['/chat'])</script>`)
    expect(await page.run(() => plugin.name)).toBe('llm-correlation')
    await page.close()
  })

  it.each([
    ['script-tag', scriptTags],
    ['async', asyncTags],
  ])('the %s snippet starts RUM without the file of the plugin', async (_name, html) => {
    const page = await openHtml(html(), { missing: '/rum-llm-correlation.iife.js' })
    expect(await page.sessionId()).toMatch(/^[\da-f-]{36}$/)
    expect(page.errors).toEqual([])
    await page.close()
  })

  async function expectCorrelated(page: TestPage, path: string) {
    const id = await page.sessionId()
    const before = servers.site.requests.length
    await page.run(
      (url) =>
        fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"message":"hi"}' }).then(
          (response) => response.text(),
        ),
      path,
    )
    const call = servers.site.requests.slice(before).find(({ url }) => url === path)
    expect(call?.text).toBe(`{"session_id":"${id}","message":"hi"}`)
    expect(page.errors).toEqual([])
    await page.close()
  }

  it('the entries are all accepted', async () => {
    const page = await openPage({
      sdk: 'none',
      after: `window.plugin = DD_LLM_CORRELATION.${snippet('js', 'agents').trim()}`,
    })
    expect(await page.run(() => plugin.name)).toBe('llm-correlation')
    expect(page.console).toEqual([])
    await page.close()
  })
})
