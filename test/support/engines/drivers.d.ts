// The types of packages that only `npm run test:browsers` installs, as far as the tests use them.

declare module 'puppeteer-core' {
  export interface Page {
    on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void
    on(event: 'pageerror', listener: (error: unknown) => void): void
    goto(url: string): Promise<unknown>
    evaluate(expression: string): Promise<unknown>
    mouse: { click(x: number, y: number): Promise<void> }
  }
  export interface BrowserContext {
    newPage(): Promise<Page>
    close(): Promise<void>
  }
  export function launch(options: {
    browser: 'firefox'
    executablePath: string
    acceptInsecureCerts: boolean
    extraPrefsFirefox: Record<string, unknown>
  }): Promise<{ createBrowserContext(): Promise<BrowserContext>; close(): Promise<void> }>
}

declare module 'webdriverio' {
  export interface Browser {
    navigateTo(url: string): Promise<unknown>
    executeScript(script: string, args: unknown[]): Promise<never>
    executeAsyncScript(script: string, args: unknown[]): Promise<never>
    performActions(actions: object[]): Promise<void>
    createWindow(type: 'window'): Promise<{ handle: string }>
    closeWindow(): Promise<unknown>
    switchToWindow(handle: string): Promise<void>
    getWindowHandle(): Promise<string>
    getWindowHandles(): Promise<string[]>
    deleteAllCookies(): Promise<void>
    deleteSession(): Promise<void>
  }
  export function remote(options: object): Promise<Browser>
}
