import { send } from './calls.js'
import type { Page } from './openPage.js'
import { servers } from './servers.js'

let calls = 0

/**
 * Makes a GET to the URL, with a parameter of its own to be known by. Gives the session id that
 * arrived with it, if any.
 */
export async function arrives(page: Page, url: string): Promise<string | undefined> {
  const mark = `call=${++calls}`
  const target = new URL(url, servers.site.origin)
  target.search += target.search === '' ? mark : `&${mark}`
  await page.run(send, { client: 'XHR', url: target.href })
  const server = target.port === String(servers.secure.port) ? servers.secure : servers.site
  const request = server.requests.find(({ query }) => query?.split('&').includes(mark))
  return new URLSearchParams(request?.query).get('session_id') ?? undefined
}
