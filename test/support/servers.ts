import { type CaptureServer, startCaptureServer } from './captureServer.js'
import { type EngineBrowser, launchEngine } from './engines/engine.js'
import { skipIn } from './engines/skipIn.js'
import { type IdlePages, type Site, startSite } from './page.js'
import { type StandInProxy, startProxy } from './proxy.js'

/** What the pages of a test file use: one browser, and two servers that record each byte. */
export interface Servers {
  browser: EngineBrowser
  /** HTTP/1.1. It serves the pages, and takes RUM's events. Paths under it are of the pages' own origin. */
  site: Site
  /** HTTP/2 over TLS, on another origin. */
  secure: CaptureServer
  /** Pages that were closed, to be used again. */
  idle: IdlePages
  /** Has `secure` answer, by TLS, the calls to a host elsewhere. Nothing else leaves this machine. */
  standInFor(host: string): void
}

let proxy: StandInProxy | undefined

/** They are there in hooks and tests, not while a file is loaded. `setUpServers.ts` starts them for each file. */
export const servers = {
  standInFor(host: string) {
    skipIn('webkit', 'its calls to hosts elsewhere do not reach the proxy that answers for them')
    proxy?.standIns.set(host, servers.secure.port)
  },
} as Servers

export async function startServers(): Promise<void> {
  proxy = await startProxy()
  servers.idle = []
  servers.browser = await launchEngine({ proxyPort: proxy.port })
  servers.site = await startSite()
  servers.secure = await startCaptureServer({ tls: true })
}

export async function closeServers(): Promise<void> {
  await servers.browser?.close()
  await Promise.all([servers.site?.close(), servers.secure?.close(), proxy?.close()])
}
