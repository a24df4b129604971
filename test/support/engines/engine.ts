import type { Page } from 'playwright-core'

export const ENGINES = ['chromium', 'firefox', 'webkit'] as const
export type EngineName = (typeof ENGINES)[number]

/** The engine in which the browser tests run: the environment variable `BROWSER`, Chromium without it. */
export const ENGINE = (process.env.BROWSER || 'chromium') as EngineName

/** A page of a browser; what all drivers have in common. */
export interface EnginePage {
  goto(url: string): Promise<unknown>
  /** Runs an expression in the page and gives what it comes to, awaited; fails with what it throws. */
  evaluate(source: string): Promise<unknown>
  /** A person's click, in the page's upper left corner. */
  click(): Promise<unknown>
  /** Another page that shares cookies and storage with this one; it is gone when this one is reset or closed. */
  newTab(): Promise<EnginePage>
  /** What was printed since the page was made or reset, as `warning: text`. */
  readonly console: string[]
  /** Errors that nothing caught. */
  readonly errors: string[]
  /** Fetches what is to be added to both, where the page has to be asked for it. */
  listen?(): Promise<unknown>
  /** Makes it as good as a new page, with arrays of its own; missing where that is no cheaper than a new one. */
  reset?(): Promise<unknown>
  close(): Promise<unknown>
  /** The driver's own page, in Chromium. */
  readonly playwright?: Page
}

export interface EngineBrowser {
  /** An empty page with cookies and storage of its own. */
  newPage(): Promise<EnginePage>
  close(): Promise<unknown>
}

export interface LaunchOptions {
  /** Port of an HTTP proxy on this machine for all that is not on this machine, by TLS. */
  proxyPort?: number | undefined
}

/** One driver, in the file of its engine's name. */
export interface Driver {
  launch(options?: LaunchOptions): Promise<EngineBrowser>
  /** Gets the browser where it is missing: the commands to try, one list after the other. */
  installations(): Array<string[][]>
  /** What a person can do where none of them works. */
  advice: string
}

/** The drivers of Firefox and WebKit have packages of their own, which are there only once they are asked for. */
export async function driverOf(engine: EngineName): Promise<Driver> {
  if (!ENGINES.includes(engine)) {
    throw new Error(`BROWSER is ${engine}, which is none of ${ENGINES.join(', ')}.`)
  }
  return import(new URL(`./${engine}.ts`, import.meta.url).href)
}

export const launchEngine = async (options?: LaunchOptions): Promise<EngineBrowser> =>
  (await driverOf(ENGINE)).launch(options)

/** Level of a console message by the name of its function, as all drivers give it. */
export const levelOf = (name: string): string => (name === 'warn' ? 'warning' : name)
