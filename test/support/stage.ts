import { afterAll, beforeAll } from 'vitest'
import { type CaptureServer, startCaptureServer } from './captureServer.js'
import { type EngineBrowser, launchEngine } from './engines/engine.js'
import { skipIn } from './engines/skipIn.js'
import { type IdlePages, openPage, type PageDefinition, type Site, startSite, type TestPage } from './page.js'
import { type StandInProxy, startProxy } from './proxy.js'

/** What a test file plays on: one browser, a site for its pages, and an agent behind HTTP/2 on another origin. */
export interface Stage {
  browser: EngineBrowser
  site: Site
  secure: CaptureServer
  /** Has `secure` answer, by TLS, the calls to a host elsewhere. Nothing else leaves this machine. */
  standInFor(host: string): void
  /** Opens a page of the site, without cookies. */
  open(definition: PageDefinition): Promise<TestPage>
}

/** Sets the stage before the tests of a file, and takes it down after them. */
export function useStage(): Stage {
  const idle: IdlePages = []
  let proxy: StandInProxy | undefined
  const stage = {
    standInFor(host: string) {
      skipIn('webkit', 'its calls to hosts elsewhere do not reach the proxy that answers for them')
      proxy?.standIns.set(host, stage.secure.port)
    },
    async open(definition: PageDefinition) {
      return openPage(stage.browser, await stage.site.add(definition), idle)
    },
  } as Stage
  beforeAll(async () => {
    proxy = await startProxy()
    stage.browser = await launchEngine({ proxyPort: proxy.port })
    stage.site = await startSite()
    stage.secure = await startCaptureServer({ tls: true })
  })
  afterAll(async () => {
    await stage.browser?.close()
    await Promise.all([stage.site?.close(), stage.secure?.close(), proxy?.close()])
  })
  return stage
}

/** For `expect.poll`: its own second is little on a busy machine. */
export const PATIENTLY = { timeout: 10_000 }

/** Every client with every row. */
export const times = <C, R>(clients: readonly C[], rows: readonly R[]): Array<readonly [C, R]> =>
  clients.flatMap((client) => rows.map((row) => [client, row] as const))
