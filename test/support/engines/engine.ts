import type { Page } from 'playwright-core'

export const ENGINES = ['chromium', 'firefox', 'webkit'] as const
export type EngineName = (typeof ENGINES)[number]

/** The engine of the browser tests: the environment variable `BROWSER`, or else Chromium. */
export const ENGINE = (process.env.BROWSER || 'chromium') as EngineName

/** A page of a browser: what all drivers offer. */
export interface EnginePage {
  goto(url: string): Promise<unknown>
  /**
   * Runs an expression in the page, and resolves to its awaited value. Fails with its exception.
   */
  evaluate(source: string): Promise<unknown>
  /** Clicks in the page's upper left corner, as a person does. */
  click(): Promise<unknown>
  /**
   * Opens a page that shares cookies and storage with this one. It closes if this one closes or
   * resets.
   */
  newTab(): Promise<EnginePage>
  /** The console messages since the page was opened or reset, as `warning: text`. */
  readonly console: string[]
  /** The uncaught errors since then. */
  readonly errors: string[]
  /** Adds the newest messages and errors to both. Missing if the driver adds them itself. */
  listen?(): Promise<unknown>
  /** Makes the page like a new one, with new arrays. Missing if a new page costs no more. */
  reset?(): Promise<unknown>
  close(): Promise<unknown>
  /** In Chromium, the driver's own page. */
  readonly playwright?: Page
}

export interface EngineBrowser {
  /** Opens an empty page with separate cookies and storage. */
  newPage(): Promise<EnginePage>
  close(): Promise<unknown>
}

export interface LaunchOptions {
  /** The port of an HTTP proxy on this machine. TLS connections to other machines go there. */
  proxyPort?: number | undefined
}

/** The driver of an engine. The file has the engine's name. */
export interface Driver {
  launch(options?: LaunchOptions): Promise<EngineBrowser>
  /** The commands that install a missing browser: lists, to be tried one after the other. */
  installations(): Array<string[][]>
  /** What a person can do if none of them works. */
  advice: string
}

/** The drivers of Firefox and WebKit need packages that are installed only at their first use. */
export async function driverOf(engine: EngineName): Promise<Driver> {
  if (!ENGINES.includes(engine)) {
    throw new Error(`BROWSER is ${engine}, which is none of ${ENGINES.join(', ')}.`)
  }
  return import(new URL(`./${engine}.ts`, import.meta.url).href)
}

export const launchEngine = async (options?: LaunchOptions): Promise<EngineBrowser> =>
  (await driverOf(ENGINE)).launch(options)

/** The level of a console message, by the name of the console's function. */
export const levelOf = (name: string): string => (name === 'warn' ? 'warning' : name)
