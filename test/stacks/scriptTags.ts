// Pages without a bundler: what arrives when a file is late, missing or not the one that was published.
import type { Front } from './front.js'
import type { Expected } from './visit.js'

/** Opens the pages of a site and checks each of them. */
export type PageCheck = (site: {
  front: Front
  open(path: string, what?: string, expected?: Expected): Promise<void>
}) => Promise<void>

const RUM = '/node_modules/@datadog/browser-rum/bundle/datadog-rum.js'
const PLUGIN = '/node_modules/rum-llm-correlation/dist/rum-llm-correlation.iife.js'

const LATE = 1_000

export const checkScriptTag: PageCheck = async ({ front, open }) => {
  await open('/')
  front.replaced.set(PLUGIN, undefined)
  await open('/', "the plugin's file missing", { session: false, error: /404/ })
}

export const checkLoadingOrders: PageCheck = async ({ front, open }) => {
  for (const path of ['/plugin-first.html', '/rum-first.html']) {
    for (const [name, late] of Object.entries({ RUM, 'the plugin': PLUGIN })) {
      front.delayed.clear()
      front.delayed.set(late, LATE)
      await open(path, `${path.slice(1, -'.html'.length)}, ${name} late`)
    }
  }
}

export const checkPolicies: PageCheck = async ({ front, open }) => {
  const published = await (await fetch(front.url + PLUGIN)).text()
  for (const [path, what] of [
    ['/', 'nonce'],
    ['/hashes', 'hashes'],
  ] as const) {
    front.replaced.clear()
    await open(path, what)
    front.replaced.set(PLUGIN, published.replace('session_id', 'session-id'))
    await open(path, `${what}, one byte of the bundle changed`, { session: false, error: /integrity/ })
  }
}
