import { type CaptureServer, startCaptureServer } from './captureServer.js'
import { type EngineBrowser, launchEngine } from './engines/engine.js'
import { skipIn } from './engines/skipIn.js'
import { type IdlePages, type Site, startSite } from './page.js'
import { type StandInProxy, startProxy } from './proxy.js'

/** The browser and the two servers of a test file. The servers record each byte. */
export interface Servers {
  browser: EngineBrowser
  /** HTTP/1.1. Serves the pages, so its paths have the pages' origin. Takes RUM's events. */
  site: Site
  /** HTTP/2 over TLS, on another origin. */
  secure: CaptureServer
  /** Closed pages, for reuse. */
  idle: IdlePages
  /** Makes `secure` answer the calls to another host. No call leaves this machine. */
  standInFor(host: string): void
}

let proxy: StandInProxy | undefined

/**
 * Gives the servers, in hooks and tests only. `setUpServers.ts` starts them after a file has
 * loaded.
 */
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
