import { readFileSync } from 'node:fs'
import { expect, vi } from 'vitest'
import type { CapturedRequest } from './captureServer.js'
import { ENGINE } from './engines/engine.js'
import { flushRum, type RumEvent, type Site, type TestPage } from './page.js'
import { type Source, sourceOf } from './pageScript.js'

/** Old versions of the SDK are tested in one engine: what differs between engines is the same with the newest. */
const isTested = (major: number) => ENGINE === 'chromium' || major === 7

/** Every major version of the RUM SDK that the plugin is made for, newest last, and where its package is. */
export const RUM_SDKS = (
  [
    { version: 5, rum: 'node_modules/datadog-rum-v5' },
    { version: 6, rum: 'node_modules/datadog-rum-v6' },
    { version: 7, rum: 'node_modules/@datadog/browser-rum' },
  ] as const
).filter(({ version }) => isTested(version))

/** The newest slim SDK, and the lowest versions that the plugin works with: lower ones take no plugins, or do not tell them of their start. */
const LOWEST = [
  'datadog-rum-v5-lowest',
  'datadog-rum-v6-lowest',
  'datadog-rum-v7-lowest',
  'datadog-rum-slim-v5-lowest',
  'datadog-rum-slim-v6-lowest',
  'datadog-rum-slim-v7-lowest',
  'datadog-rum-slim',
].map((directory) => {
  const rum = `node_modules/${directory}`
  const { name, version } = JSON.parse(readFileSync(`${rum}/package.json`, 'utf8')) as Record<
    'name' | 'version',
    string
  >
  return { package: name, version, major: Number.parseInt(version, 10), rum, isLowest: directory.endsWith('lowest') }
})
export const LOWEST_RUM_SDKS = LOWEST.filter(({ major }) => isTested(major))

export const CARRIERS = ['body', 'query', 'baggage', 'trace-tags'] as const

/** Argument of `llmCorrelation`: one entry per carrier, which takes the calls below `/agent/<carrier>`. */
export const ENTRIES = CARRIERS.map((carrier) => ({ match: `/agent/${carrier}`, carrier }))
/** The same as source. */
export const ENTRY_PER_CARRIER: Source = sourceOf(ENTRIES)

/** In a page that is being parsed: loads the Logs SDK and starts it, in place. */
export function loadLogs(): void {
  const page = window as unknown as { DD_LOGS: { init(options: object): void }; startLogs(): void }
  // Called before the parser goes on.
  page.startLogs = () =>
    page.DD_LOGS.init({
      clientToken: 'pub00000000000000000000000000000000',
      service: 'test-page',
      telemetrySampleRate: 0,
      forwardErrorsToLogs: true,
      proxy: `${location.origin}/rum-intake`,
    })
  const source = '/files/node_modules/datadog-logs/bundle/datadog-logs.js'
  document.write(`<script src="${source}" onload="startLogs()"></${'script'}>`)
}

/** Every place of a request, apart from the cookie of the RUM SDK, where a text stands, as often as it stands there. */
export function placesOf(request: CapturedRequest, text: string): string[] {
  const places: Array<[name: string, value: string]> = [
    ['path', request.path],
    ['query', request.query ?? ''],
    ['body', request.body.toString('latin1')],
    ...request.rawHeaders.filter(([name]) => !['cookie', 'referer'].includes(name.toLowerCase())),
  ]
  return places.flatMap(([name, value]) => Array(value.split(text).length - 1).fill(name.toLowerCase()))
}

/** The resource events of a session whose URL has `part` in it, once there are `count` of them. */
export async function resourcesOf(
  site: Site,
  page: TestPage,
  session: string,
  part: string,
  count: number,
): Promise<RumEvent[]> {
  const found = () =>
    site.rumEvents.filter(
      (event) => event.type === 'resource' && event.session?.id === session && event.resource.url.includes(part),
    )
  // RUM makes its events when the browser is idle, which a busy machine seldom is.
  await vi.waitFor(
    async () => {
      await flushRum(page)
      expect(found()).toHaveLength(count)
    },
    { timeout: 25_000, interval: 100 },
  )
  return found()
}
