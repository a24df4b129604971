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
  // Chromium refuses to start its sandbox as root, which is who runs inside most containers.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Executables to try, in order; `undefined` stands for the browser that Playwright downloaded itself. */
function candidates(): Array<string | undefined> {
  const named = [process.env.CHROMIUM_PATH, process.env.CHROME_PATH].filter((path) => path !== undefined && path !== '')
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
  return [...named, ...[...onPath, ...PLACES].filter(existsSync), undefined]
}

/** With `DEVTOOLS=1` the browser is seen, and stops at `debugger` in the functions that a test sends to its page. */
const HEADED = process.env.DEVTOOLS ? { headless: false, args: ['--auto-open-devtools-for-tabs'] } : { args: [] }

/** A real Chromium. An executable that does not start (a stub that asks for a snap, say) is passed over for the next. */
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
