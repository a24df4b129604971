import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { BrowserContext, Page } from 'puppeteer-core'
import { debianPackages } from './debian.js'
import { type EngineBrowser, type EnginePage, type LaunchOptions, levelOf } from './engine.js'
import { ownPackages } from './packages.js'

const NAMES = ['firefox-esr', 'firefox']
const PLACES = ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe']

function executable(): string {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
  const found = process.env.FIREFOX_PATH || [...onPath, ...PLACES].find(existsSync)
  if (found === undefined) {
    throw new Error(`There is no ${NAMES.join(' or ')} in PATH.`)
  }
  return found
}

class FirefoxPage implements EnginePage {
  readonly console: string[] = []
  readonly errors: string[] = []

  constructor(
    private readonly page: Page,
    private readonly context: BrowserContext,
  ) {
    page.on('console', (message) => this.console.push(`${levelOf(message.type())}: ${message.text()}`))
    page.on('pageerror', (error) => {
      const text = error instanceof Error ? error.message : String(error)
      // Messages about EventSource and WebSocket are not exceptions.
      if (!/^(Firefox can’t establish a connection|The connection to \S+ was interrupted)/.test(text)) {
        this.errors.push(text)
      }
    })
  }

  goto(url: string) {
    return this.page.goto(url)
  }

  evaluate(source: string) {
    return this.page.evaluate(`(0, eval)(${JSON.stringify(source)})`)
  }

  click() {
    return this.page.mouse.click(10, 10)
  }

  async newTab() {
    return new FirefoxPage(await this.context.newPage(), this.context)
  }

  close() {
    return this.context.close()
  }
}

export async function launch({ proxyPort }: LaunchOptions = {}): Promise<EngineBrowser> {
  const { launch } = await import('puppeteer-core')
  const proxy = { 'network.proxy.type': 1, 'network.proxy.ssl': '127.0.0.1', 'network.proxy.ssl_port': proxyPort }
  const browser = await launch({
    browser: 'firefox',
    executablePath: executable(),
    acceptInsecureCerts: true,
    extraPrefsFirefox: proxyPort === undefined ? {} : proxy,
  })
  return {
    async newPage() {
      const context = await browser.createBrowserContext()
      return new FirefoxPage(await context.newPage(), context)
    },
    close: () => browser.close(),
  }
}

export const installations = () => [ownPackages(), debianPackages('firefox-esr')]

export const advice =
  'Install Firefox (for example the `firefox-esr` package of your system), or name it in FIREFOX_PATH; and the packages of ' +
  'test/support/engines (`npm ci` there).'
