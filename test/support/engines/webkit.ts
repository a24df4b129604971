import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser as Session } from 'webdriverio'
import { freePort } from '../freePort.js'
import type { Source } from '../page.js'
import { debianPackages } from './debian.js'
import { type EngineBrowser, type EnginePage, type LaunchOptions, levelOf } from './engine.js'
import { ownPackages } from './packages.js'
import { RECORDED } from './recorder.js'

/** GTK's small browser. Debian's directory for it is named by the architecture. */
function miniBrowser(): string {
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch
  const places = [`lib/${architecture}-linux-gnu`, 'libexec', 'lib64', 'lib'].flatMap((directory) =>
    ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'].map((name) => `/usr/${directory}/${name}/MiniBrowser`),
  )
  const found = process.env.MINIBROWSER_PATH || places.find(existsSync)
  if (found === undefined) {
    throw new Error('There is no MiniBrowser of WebKitGTK.')
  }
  return found
}

/** A path of the site. No script runs on its page. */
const SCRIPT_FILE = '/files/rollup.config.mjs'

/** Starts a program that ends with this process. Fails with the error if it does not start. */
function start(command: string, args: string[], env = process.env): Promise<ChildProcess> {
  const child = spawn(command, args, { env, stdio: ['ignore', command === 'Xvfb' ? 'pipe' : 'ignore', 'ignore'] })
  const kill = () => child.kill()
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child))
    child.once('error', reject)
  })
}

/** An invisible display, for all browsers of a test file. */
async function startDisplay() {
  const server = await start('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'])
  const number = await new Promise<string>((resolve, reject) => {
    server.stdout?.once('data', (data) => resolve(String(data).trim()))
    server.once('exit', (code) => reject(new Error(`Xvfb has ended with ${code}.`)))
  })
  return { display: `:${number}`, stop: () => server.kill() }
}

/** Waits until the driver listens. It does not say so itself. */
async function listening(port: number): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await delay(20)) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) {
      return
    }
  }
  throw new Error('WebKitWebDriver does not listen.')
}

/** Sometimes a browser dies at its start, even twice in a row, and the driver waits for it. */
const START_TIMEOUT = 20_000
const STARTS = 4

/** Starts a driver with one session: a browser with separate cookies and storage. */
async function startSession(display: string, proxyPort: number | undefined) {
  const { remote } = await import('webdriverio')
  const port = await freePort()
  const driver = await start('WebKitWebDriver', [`--port=${port}`], { ...process.env, DISPLAY: display })
  const proxy = {
    proxyType: 'manual',
    sslProxy: `127.0.0.1:${proxyPort}`,
    noProxy: ['127.0.0.1', 'localhost', '*.localhost'],
  }
  await listening(port)
  const connecting = remote({
    hostname: '127.0.0.1',
    port,
    logLevel: 'silent',
    capabilities: {
      browserName: 'MiniBrowser',
      acceptInsecureCerts: true,
      ...(proxyPort === undefined ? {} : { proxy }),
      'wdio:enforceWebDriverClassic': true,
      'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] },
    },
  })
  const session = await Promise.race([connecting, delay(START_TIMEOUT)])
  if (session === undefined) {
    connecting.catch(() => {})
    driver.kill()
    throw new Error(`MiniBrowser has not started within ${START_TIMEOUT} ms.`)
  }
  return { session, driver }
}

async function startPatiently(
  display: string,
  proxyPort: number | undefined,
  starts = STARTS,
): ReturnType<typeof startSession> {
  try {
    return await startSession(display, proxyPort)
  } catch (error) {
    if (starts === 1) {
      throw error
    }
    return startPatiently(display, proxyPort, starts - 1)
  }
}

/**
 * Wraps the source in a function. An expression needs no `eval`, which a page's policy may forbid;
 * the driver's scripts are exempt. Other sources go through `eval`, which alone gives their value.
 */
function thunk(source: string): Source {
  const isDeclaration = /^\s*(\{|function|class|async\s+function|let\s*\[)/.test(source)
  try {
    // This only parses the function. Nobody calls it.
    new Function(`(${source}\n)`)
  } catch {
    return evaluated(source)
  }
  return isDeclaration ? evaluated(source) : `() => (${source}\n)`
}

const evaluated = (source: string): Source => `() => (0, eval)(${JSON.stringify(source)})`

/**
 * Runs in the page, and gives the value of the source as text. JSON alone would lose some values.
 * It uses syntax rather than globals where it can, because pages replace globals.
 */
const EVALUATE: Source = `(run, done) => {
  const encode = (value) => {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return { type: 'undefined' }
    if (typeof value === 'bigint') return { type: 'bigint', text: '' + value }
    if (typeof value === 'number' && JSON.stringify(value) !== (value === 0 && 1 / value < 0 ? '-0' : '' + value)) {
      return { type: 'number', text: value === 0 ? '-0' : '' + value }
    }
    if (typeof value !== 'object' || value === null) return { type: 'json', value }
    if (value instanceof Date) return { type: 'date', text: value.toISOString() }
    if (value instanceof Node || value === window) return { type: 'undefined' }
    if (Array.isArray(value)) {
      const items = []
      for (let index = 0; index < value.length; index++) items[index] = encode(value[index])
      return { type: 'array', items }
    }
    const members = []
    for (const name of Object.keys(value)) members[members.length] = [name, encode(value[name])]
    return { type: 'object', members }
  }
  const taken = () => window['${RECORDED}']?.splice(0) ?? []
  ;(async () => {
    let outcome
    try {
      // The driver needs the page's Promise until it waits.
      await undefined
      outcome = { value: encode(await run()) }
    } catch (error) {
      outcome = { error: error instanceof Error ? error.name + ': ' + error.message : '' + error }
    }
    done(JSON.stringify({ ...outcome, recorded: taken() }))
  })()
}`

type Encoded =
  | { type: 'undefined' }
  | { type: 'json'; value: unknown }
  | { type: 'bigint' | 'number' | 'date'; text: string }
  | { type: 'array'; items: Encoded[] }
  | { type: 'object'; members: Array<[string, Encoded]> }

function decode(encoded: Encoded): unknown {
  switch (encoded.type) {
    case 'undefined':
      return undefined
    case 'json':
      return encoded.value
    case 'bigint':
      return BigInt(encoded.text)
    case 'number':
      return Number(encoded.text)
    case 'date':
      return new Date(encoded.text)
    case 'array':
      return encoded.items.map(decode)
    case 'object':
      return Object.fromEntries(encoded.members.map(([name, member]) => [name, decode(member)]))
  }
}

type Recorded = Array<[name: string, text: string]>

class WebKitPage implements EnginePage {
  console: string[] = []
  errors: string[] = []
  /** The tab that gets the session's commands. */
  private static readonly current = new WeakMap<Session, string>()

  constructor(
    private readonly session: Session,
    private readonly handle: string,
    private readonly end: () => Promise<unknown>,
  ) {}

  static async first(session: Session, end: () => Promise<unknown>) {
    const handle = await session.getWindowHandle()
    WebKitPage.current.set(session, handle)
    return new WebKitPage(session, handle, end)
  }

  async goto(url: string) {
    await this.listen()
    await this.session.navigateTo(url)
    await this.listen()
  }

  async evaluate(source: string) {
    await this.select()
    const text = await this.session.executeAsyncScript(`(${EVALUATE})(${thunk(source)}, arguments[0])`, [])
    const { value, error, recorded } = JSON.parse(text) as { value: Encoded; error?: string; recorded: Recorded }
    this.take(recorded)
    if (error !== undefined) {
      throw new Error(error)
    }
    return decode(value)
  }

  async listen() {
    await this.select()
    const taken = this.session.executeScript(`return window['${RECORDED}']?.splice(0) ?? []`, [])
    this.take(await taken.catch(() => []))
  }

  async click() {
    await this.select()
    await this.session.performActions([
      {
        type: 'pointer',
        id: 'mouse',
        parameters: { pointerType: 'mouse' },
        actions: [
          { type: 'pointerMove', duration: 0, x: 10, y: 10 },
          { type: 'pointerDown', button: 0 },
          { type: 'pointerUp', button: 0 },
        ],
      },
    ])
  }

  async newTab() {
    // A window is visible. A click in a hidden tab would never return.
    const { handle } = await this.session.createWindow('window')
    return new WebKitPage(this.session, handle, async () => {
      await this.session.closeWindow()
      WebKitPage.current.delete(this.session)
    })
  }

  async reset() {
    await this.select()
    for (const handle of await this.session.getWindowHandles()) {
      if (handle !== this.handle) {
        await this.session.switchToWindow(handle)
        await this.session.closeWindow()
      }
    }
    await this.session.switchToWindow(this.handle)
    WebKitPage.current.set(this.session, this.handle)
    // A driver clears only what the current page can see. A page with RUM may write a cookie when
    // it is left.
    const origin: string = await this.session.executeScript('return location.origin', [])
    if (origin.startsWith('http')) {
      await this.session.navigateTo(`${origin}${SCRIPT_FILE}`)
      await this.session.executeScript('localStorage.clear()', [])
      await this.session.deleteAllCookies()
    }
    this.console = []
    this.errors = []
  }

  async close() {
    await this.select()
    await this.end()
  }

  private async select() {
    if (WebKitPage.current.get(this.session) !== this.handle) {
      await this.session.switchToWindow(this.handle)
      WebKitPage.current.set(this.session, this.handle)
    }
  }

  private take(recorded: Recorded) {
    for (const [name, text] of recorded) {
      name === '' ? this.errors.push(text) : this.console.push(`${levelOf(name)}: ${text}`)
    }
  }
}

export async function launch({ proxyPort }: LaunchOptions = {}): Promise<EngineBrowser> {
  const { display, stop } = await startDisplay()
  const ends = new Set<() => Promise<unknown>>()
  const newPage = async () => {
    const { session, driver } = await startPatiently(display, proxyPort)
    const end = async () => {
      ends.delete(end)
      await session.deleteSession().catch(() => {})
      driver.kill()
    }
    ends.add(end)
    return WebKitPage.first(session, end)
  }
  const close = async () => {
    await Promise.all([...ends].map((end) => end()))
    stop()
  }
  try {
    // If something cannot start, fail now.
    const first = await newPage()
    let isUsed = false
    return {
      async newPage() {
        if (isUsed) {
          return newPage()
        }
        isUsed = true
        return first
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

export const installations = () => [ownPackages(), debianPackages('webkit2gtk-driver', 'xvfb', 'xauth')]

export const advice =
  'Install the driver of WebKitGTK, its MiniBrowser and Xvfb (on Debian and Ubuntu: `webkit2gtk-driver` and `xvfb`), or name ' +
  'the MiniBrowser in MINIBROWSER_PATH; and the packages of test/support/engines (`npm ci` there).'
