import type { Browser, Page } from 'playwright-core'
import { bundle } from './bundle.js'
import type { Variant } from './call.js'
import { content, html, type PageServer } from './pageServer.js'

export const FRAME_VARIANTS = [
  'plugin-body',
  'rum',
  'rum-plugin',
  'posthog',
  'opentelemetry',
  'sentry',
] as const satisfies Variant[]
export type FrameVariant = (typeof FRAME_VARIANTS)[number]

export const FRAME_CALLS = ['fetch', 'XHR open', 'XHR send', 'sendBeacon', 'EventSource', 'WebSocket'] as const
export type FrameCall = (typeof FRAME_CALLS)[number]

/** How many functions stand between the page's function and the browser's. `null`: the stack is cut there. */
export interface StackFrames {
  readonly call: FrameCall
  /** Whether an entry of the plugin takes the call. */
  readonly isTaken: boolean
  readonly frames: Record<FrameVariant, number | null>
}

/**
 * Counts the frames that each variant adds to the stack of a call. Chromium keeps ten frames of an
 * error, so each of them takes one from the page.
 */
export async function countStackFrames(browser: Browser, server: PageServer): Promise<StackFrames[]> {
  const counted = FRAME_CALLS.flatMap((call) =>
    [false, true].map((isTaken) => ({ call, isTaken, frames: {} as Record<FrameVariant, number | null> })),
  )
  for (const variant of FRAME_VARIANTS) {
    server.routes.set(`/frames-${variant}.js`, content('javascript', await bundle(`variants/${variant}.ts`)))
    server.routes.set(`/frames-${variant}.html`, html(`<script src="/frames-${variant}.js"></script>`))
    const page = await browser.newPage()
    await page.addInitScript(watchNatives)
    await page.goto(`${server.origin}/frames-${variant}.html`)
    await page.evaluate(() => (globalThis as { ready?: Promise<void> }).ready)
    for (const { call, isTaken, frames } of counted) {
      frames[variant] = await framesOf(page, call, isTaken ? '/api/chat' : '/other')
    }
    await page.close()
  }
  return counted
}

declare global {
  /** The stack of the last call that reached each of the browser's functions. */
  var stacks: Record<string, string[]>
}

/** In the page, before all else: notes the stack of each call that reaches the browser. */
function watchNatives() {
  globalThis.stacks = {}
  Error.stackTraceLimit = 100
  const watch = (owner: object, name: string, label = name) => {
    const native = Reflect.get(owner, name)
    const watched = function (this: unknown, ...args: unknown[]) {
      stacks[label] = (new Error().stack ?? '').split('\n').slice(2)
      return new.target ? Reflect.construct(native, args, new.target) : Reflect.apply(native, this, args)
    }
    Object.defineProperties(watched, { prototype: { value: native.prototype }, name: { value: name } })
    Reflect.set(owner, name, watched)
  }
  for (const name of ['fetch', 'EventSource', 'WebSocket']) {
    watch(window, name)
  }
  watch(Navigator.prototype, 'sendBeacon')
  watch(XMLHttpRequest.prototype, 'open', 'XHR open')
  watch(XMLHttpRequest.prototype, 'send', 'XHR send')
}

function framesOf(page: Page, call: FrameCall, path: string): Promise<number | null> {
  return page.evaluate(
    async ({ call, path }) => {
      const url = new URL(path, location.href)
      const xhr = new XMLHttpRequest()
      if (call === 'XHR send') {
        xhr.open('POST', url)
      }
      const calls: Record<FrameCall, () => void> = {
        fetch: () => fetch(url, { method: 'POST', body: '{}' }).catch(() => {}),
        'XHR open': () => xhr.open('POST', url),
        'XHR send': () => xhr.send('{}'),
        sendBeacon: () => navigator.sendBeacon(url, '{}'),
        EventSource: () => new EventSource(url).close(),
        WebSocket: () => new WebSocket(url).close(),
      }
      const pageCall = calls[call]
      Object.defineProperty(pageCall, 'name', { value: 'pageCall' })
      delete stacks[call]
      pageCall()
      // Some variants call the browser's function later.
      await new Promise((resolve) => setTimeout(resolve, 20))
      const index = stacks[call]?.findIndex((frame) => frame.includes('pageCall')) ?? -1
      return index < 0 ? null : index
    },
    { call, path },
  )
}
