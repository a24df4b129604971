import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { check } from './check.js'
import type { Front } from './front.js'

const PATIENCE = 30_000
/** How long a second call, which there must not be, is waited for. */
const AFTERMATH = 300

export interface Expected {
  /** `false` where the plugin does not load. */
  session?: boolean
  /** The one error that the console has, in every text of its. */
  error?: RegExp
}

/** Opens a page that calls its agent once by itself, with `{"message":"hi"}`, and checks what arrived. */
export async function visit(
  browser: Browser,
  front: Front,
  path: string,
  what: string,
  { session = true, error }: Expected = {},
): Promise<void> {
  front.calls.length = 0
  const context = await browser.newContext()
  const page = await context.newPage()
  const errors: string[] = []
  const elsewhere: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  // The pages are as a user has them, so RUM sends its events to Datadog: answered here, and nothing leaves the machine.
  await context.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => {
      const { hostname } = new URL(route.request().url())
      if (hostname !== 'browser-intake-datadoghq.com') {
        elsewhere.push(hostname)
        return route.abort()
      }
      return route.fulfill({ status: 202, headers: { 'Access-Control-Allow-Origin': '*' } })
    },
  )
  await page.goto(front.url + path)
  // By the protocol itself, which no policy of the page's on evaluated code concerns.
  const protocol = await context.newCDPSession(page)
  const evaluate = async (expression: string) => (await protocol.send('Runtime.evaluate', { expression })).result.value
  let id: unknown
  for (const end = Date.now() + PATIENCE; Date.now() < end; await delay(50)) {
    id = await evaluate('window.DD_RUM?.getInternalContext?.()?.session_id')
    if (id !== undefined && front.calls.length > 0) {
      break
    }
  }
  await delay(AFTERMATH)
  const expected = session ? `{"session_id":"${id}","message":"hi"}` : '{"message":"hi"}'
  check(
    `${what}: one call arrives, ${session ? "with the page's session" : 'as the page made it, and RUM runs'}`,
    id !== undefined && front.calls.length === 1 && front.calls[0]?.body === expected,
    { session: id, calls: front.calls },
  )
  const isQuiet =
    error === undefined ? errors.length === 0 : errors.length > 0 && errors.every((text) => error.test(text))
  check(`${what}: ${error === undefined ? 'no error in the console' : `the console says ${error}`}`, isQuiet, errors)
  if (elsewhere.length > 0) {
    check(`${what}: nothing else is contacted`, false, elsewhere)
  }
  await context.close()
}
