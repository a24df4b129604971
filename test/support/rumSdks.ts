import { readFileSync } from 'node:fs'
import { expect, vi } from 'vitest'
import type { CapturedRequest } from './captureServer.js'
import { ENGINE } from './engines/engine.js'
import { flushRum, type RumEvent, type Site, type TestPage } from './page.js'
import { type Source, sourceOf } from './pageScript.js'

/** Old SDKs run in one engine only: the newest one shows what differs between engines. */
const isTested = (major: number) => ENGINE === 'chromium' || major === 7

/** Each major version of the RUM SDK that the plugin supports, newest last, with its package. */
export const RUM_SDKS = (
  [
    { version: 5, rum: 'node_modules/datadog-rum-v5' },
    { version: 6, rum: 'node_modules/datadog-rum-v6' },
    { version: 7, rum: 'node_modules/@datadog/browser-rum' },
  ] as const
).filter(({ version }) => isTested(version))

/**
 * The newest slim SDK, and the lowest versions that the plugin works with. Lower ones take no
 * plugins, or do not call `onRumStart`.
 */
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

/**
 * An argument of `llmCorrelation`: for each carrier, an entry for the calls below
 * `/agent/<carrier>`.
 */
export const ENTRIES = CARRIERS.map((carrier) => ({ match: `/agent/${carrier}`, carrier }))
/** The same as source. */
export const ENTRY_PER_CARRIER: Source = sourceOf(ENTRIES)

/** Runs while the page is parsed: loads the Logs SDK at this place, and starts it. */
export function loadLogs(): void {
  const page = window as unknown as { DD_LOGS: { init(options: object): void }; startLogs(): void }
  // The parser calls it before it goes on.
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

/** The places of a request that contain a text, once for each time. RUM's cookie does not count. */
export function placesOf(request: CapturedRequest, text: string): string[] {
  const places: Array<[name: string, value: string]> = [
    ['path', request.path],
    ['query', request.query ?? ''],
    ['body', request.body.toString('latin1')],
    ...request.rawHeaders.filter(([name]) => !['cookie', 'referer'].includes(name.toLowerCase())),
  ]
  return places.flatMap(([name, value]) => Array(value.split(text).length - 1).fill(name.toLowerCase()))
}

/** Waits for `count` resource events of a session whose URL contains `part`, and gives them. */
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
  // RUM makes its events when the browser is idle. On a busy machine that may take long.
  await vi.waitFor(
    async () => {
      await flushRum(page)
      expect(found()).toHaveLength(count)
    },
    { timeout: 25_000, interval: 100 },
  )
  return found()
}
