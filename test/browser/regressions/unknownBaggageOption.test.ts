import { expect, it } from 'vitest'
import { openPage } from '../../support/openPage.js'
import { LOWEST_RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

// RUM SDKs below 6.8 do not know `propagateTraceBaggage`. The plugin left the id to them, and nobody added it.

const CALLS: Record<string, (url: string) => Promise<unknown>> = {
  fetch: (url) => fetch(url, { method: 'POST', body: '{}' }),
  XHR: (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', url)
      xhr.onloadend = resolve
      xhr.send('{}')
    }),
}

it.each(LOWEST_RUM_SDKS)('whoever adds it, $package $version sends session.id once', async ({ version, rum }) => {
  const page = await openPage({
    sdk: rum,
    plugin: { origins: ['/agent'], carrier: 'baggage' },
    init: { allowedTracingUrls: [servers.site.origin], traceSampleRate: 100, propagateTraceBaggage: true },
  })
  const id = await page.sessionId()
  for (const [name, call] of Object.entries(CALLS)) {
    const path = `/agent/${rum}/${name}`
    await page.run(async ({ call, path }) => void (await call(path)), { call, path })
    const request = await page.server.only(path)
    expect(request.header('baggage'), `${version} ${name}`).toBe(`session.id=${id}`)
    expect(request.header('x-datadog-trace-id')).toBeDefined()
  }
  await page.close()
})
