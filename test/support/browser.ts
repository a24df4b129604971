import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

const ARGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  // Chromium refuses to start its sandbox as root, and most containers run as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Executables to try, in this order. `undefined` is the browser that Playwright downloaded. */
function candidates(): Array<string | undefined> {
  const named = [process.env.CHROMIUM_PATH, process.env.CHROME_PATH].filter((path) => path !== undefined && path !== '')
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
  return [...named, ...[...onPath, ...PLACES].filter(existsSync), undefined]
}

/**
 * With `DEVTOOLS=1` the browser has a window. It stops at `debugger` in functions that tests send.
 */
const HEADED = process.env.DEVTOOLS ? { headless: false, args: ['--auto-open-devtools-for-tabs'] } : { args: [] }

/**
 * Launches a real Chromium. If an executable does not start (a stub for a snap, say), tries the
 * next.
 */
export async function launchBrowser(further: string[] = []): Promise<Browser> {
  const failures: string[] = []
  for (const executablePath of candidates()) {
    try {
      const args = [...ARGS, ...HEADED.args, ...further]
      return await chromium.launch({ ...HEADED, args, ...(executablePath === undefined ? {} : { executablePath }) })
    } catch (error) {
      failures.push(`${executablePath ?? "Playwright's own"}: ${String(error).split('\n')[0]}`)
    }
  }
  throw new Error(`No Chromium could be started. Tried:\n${failures.join('\n')}`)
}
