import { readdirSync, readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { launchBrowser } from '../support/browser.js'
import type { TestPage } from '../support/page.js'
import { comparableRequest, placeOf, withoutId } from './compare.js'
import { ENTRIES } from './snippets.js'
import { startWorld, type World } from './world.js'

/** What a page does with a client: it runs in the page; the rest is what is expected of it. */
interface Scenario {
  /** `{ result }` or `{ error }`, at least these members. */
  gives: object
  /** The requests in any order, and where the id stands in each. */
  sends: Array<[request: string, place: string]>
}

interface PageModule {
  /** Its heading in docs/clients.md. */
  client: string
  /** Whether it is a matter of time how often it sends a request, so that the requests of `sends` are each one or more. */
  polls?: boolean
  scenarios: Record<string, Scenario>
}

const NAMES = readdirSync('test/clients/pages').map((file) => file.replace(/\.mjs$/, ''))
const PAGES = await Promise.all(
  NAMES.map(async (name) => ({ file: `${name}.mjs`, ...((await import(`./pages/${name}.mjs`)) as PageModule) })),
)

let browser: Browser
const worlds = {} as Record<'native' | 'plugin', World>

beforeAll(async () => {
  browser = await launchBrowser()
  worlds.native = await startWorld(browser)
  worlds.plugin = await startWorld(browser)
})
afterAll(async () => {
  await browser?.close()
  await Promise.all([worlds.native?.close(), worlds.plugin?.close()])
})

/** The same for both worlds, at the same time. */
async function both<R>(make: (name: 'native' | 'plugin') => R | Promise<R>): Promise<Record<'native' | 'plugin', R>> {
  const [native, plugin] = await Promise.all([make('native'), make('plugin')])
  return { native, plugin }
}

describe.each(PAGES)('$client', ({ file, client, polls = false, scenarios }) => {
  let pages: Record<'native' | 'plugin', TestPage>
  let id: string
  const hosts = new Set<string>()

  beforeAll(async () => {
    const { correlation } = ENTRIES.get(client) ?? { correlation: '' }
    pages = await both((name) => worlds[name].open(file, name === 'plugin' ? correlation : undefined))
    for (const { page } of Object.values(pages)) {
      page.on('request', (request) => hosts.add(new URL(request.url()).hostname))
    }
    id = await pages.plugin.sessionId()
  })
  afterAll(async () => {
    await both((name) => pages?.[name].close())
  })

  it.each(Object.entries(scenarios))('%s', async (title, { gives, sends }) => {
    await both((name) => worlds[name].forget())
    const outcomes = await both((name) => pages[name].evaluate(`play(${JSON.stringify(title)})`))
    const texts = await both((name) => worlds[name].comparable(JSON.stringify(outcomes[name])))
    expect(JSON.parse(texts.native)).toMatchObject(gives)
    expect(texts.plugin).toBe(texts.native)

    const listed = <T>(items: T[]): T[] =>
      (polls ? [...new Map(items.map((item) => [String(item), item])).values()] : items).sort()
    const linesOf = (name: 'native' | 'plugin') =>
      listed(worlds[name].requests().map(({ method, path }) => `${method} ${path}`))
    await vi.waitFor(() => both((name) => expect(linesOf(name)).toEqual(sends.map(([line]) => line).sort())), {
      timeout: 5_000,
      interval: 20,
    })
    const ends = await both((name) =>
      Promise.all(
        worlds[name].requests().map(async (request) => `${request.path} ${await worlds[name].endOf(request)}`),
      ),
    )
    expect(listed(ends.plugin)).toEqual(listed(ends.native))

    const missing = worlds.native.requests().map((request) => comparableRequest(worlds.native, request))
    const places = worlds.plugin.requests().map((request): [string, string] => {
      const place = placeOf(request, id)
      const candidates = [...withoutId(comparableRequest(worlds.plugin, request), place, id)]
      const index = missing.findIndex((native) => candidates.some((candidate) => isSame(candidate, native)))
      if (index < 0) {
        expect(candidates[0], `${title}: the request with the id taken out`).toEqual(
          missing.find(({ line }) => line === candidates[0]?.line) ?? missing,
        )
      }
      polls || missing.splice(index, 1)
      return [`${request.method} ${request.path}`, place]
    })
    expect(listed(places)).toEqual([...sends].sort())
  })

  it('contacts the test servers alone, leaves the same uncaught, and the console is quiet about correlation', async () => {
    expect([...hosts]).toEqual(['127.0.0.1'])
    await vi.waitFor(() => expect(pages.plugin.errors).toEqual(pages.native.errors), { timeout: 5_000 })
    expect(pages.plugin.console.filter((text) => text.includes('Datadog'))).toEqual([])
  })

  it('is described in docs/clients.md as it is', () => {
    const entry = ENTRIES.get(client)
    const places = new Set(Object.values(scenarios).flatMap(({ sends }) => sends.map(([, place]) => place)))
    expect([...(entry?.places ?? [])].sort()).toEqual([...places].sort())
    const { dependencies } = JSON.parse(readFileSync('test/clients/package.json', 'utf8'))
    expect(entry?.versions).not.toEqual({})
    expect(dependencies).toMatchObject(entry?.versions ?? {})
  })
})

it('every client of docs/clients.md is tested', () => {
  expect([...ENTRIES.keys()].sort()).toEqual(PAGES.map(({ client }) => client).sort())
})

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
