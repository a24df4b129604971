import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from '../browser.js'
import { debianPackages } from './debian.js'
import type { EngineBrowser, EnginePage, LaunchOptions } from './engine.js'

class ChromiumPage implements EnginePage {
  console: string[] = []
  errors: string[] = []

  constructor(
    readonly playwright: Page,
    private readonly context: BrowserContext,
  ) {
    this.take()
  }

  async goto(url: string) {
    await this.playwright.goto(url)
    if (process.env.DEVTOOLS) {
      // The developer tools take some seconds to open. Until then they do not stop at `debugger`.
      await delay(5_000)
    }
  }

  evaluate(source: string) {
    return this.playwright.evaluate<unknown>(source)
  }

  click() {
    return this.playwright.mouse.click(10, 10)
  }

  async newTab() {
    return new ChromiumPage(await this.context.newPage(), this.context)
  }

  async reset() {
    const { playwright, context } = this
    await playwright.evaluate('try { localStorage.clear() } catch {}').catch(() => {})
    // Leave the page first. Otherwise it may write a cookie after this clears them.
    await playwright.goto('about:blank')
    await Promise.all(context.pages().map((other) => (other === playwright ? undefined : other.close())))
    await context.unrouteAll()
    await context.clearCookies()
    playwright.removeAllListeners()
    this.console = []
    this.errors = []
    this.take()
  }

  close() {
    return this.context.close()
  }

  private take() {
    this.playwright.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`))
    this.playwright.on('pageerror', (error) => this.errors.push(String(error)))
  }
}

export async function launch({ proxyPort }: LaunchOptions = {}): Promise<EngineBrowser> {
  return engineOf(await launchBrowser(proxyPort === undefined ? [] : [`--proxy-server=https=127.0.0.1:${proxyPort}`]))
}

/** Gives Playwright's browser the interface of all drivers. */
export function engineOf(browser: Browser): EngineBrowser {
  return {
    async newPage() {
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      return new ChromiumPage(await context.newPage(), context)
    },
    close: () => browser.close(),
  }
}

export const installations = () => [
  [['npx', 'playwright-core', 'install', 'chromium-headless-shell']],
  // Playwright has no build for some machines. On others, its build lacks system libraries.
  debianPackages('chromium'),
]

export const advice =
  'Install Chromium or Chrome (for example `npx playwright-core install --with-deps chromium`, or the `chromium` package ' +
  'of your system), or name one in CHROMIUM_PATH.'
