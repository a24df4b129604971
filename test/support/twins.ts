import { beforeAll, expect } from 'vitest'
import { alone, NATIVE } from './alone.js'
import { ENGINE } from './engines/engine.js'
import type { PageDefinition, Source, TestPage } from './page.js'
import { ENTRY_PER_CARRIER } from './rumSdks.js'
import type { Stage } from './stage.js'

/** A plugin whose RUM is only what it asks RUM for, so that nothing but the plugin stands between page and browser. */
export const PLUGIN_ALONE: Source = `
  window.plugin = DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'] })
  plugin.onInit({
    initConfiguration: {},
    publicApi: { getInternalContext: () => ({ session_id: 'the-session-id' }), getUser: () => ({}), getAccount: () => ({}) },
  })
  plugin.onRumStart?.({})`

const PAGES = {
  native: { rum: false, plugin: false },
  'plugin alone': { rum: false, between: PLUGIN_ALONE },
  'RUM alone': {},
  'RUM with the plugin': { correlation: "{ origins: ['/agent'] }" },
} satisfies Record<string, PageDefinition>

type PageName = keyof typeof PAGES
/** In the page: what a call does, when, and with which words, as data. */
const HELPERS: Source = `
  window.outcome = async (make) => {
    const describe = (error) => error instanceof Error || error instanceof DOMException
      ? [error.constructor === window[error.constructor.name] ? error.constructor.name : 'of another realm', error.name, error.message.replace(/[?&]session_id=[^&]*/, '')]
      : ['thrown', String(error)]
    let promise
    try {
      promise = make()
    } catch (error) {
      return { throws: describe(error) }
    }
    if (!(promise instanceof Promise)) {
      return { returns: promise === undefined ? 'undefined' : promise }
    }
    // Rejections of bad arguments come within microtasks; the number of turns until then is there for a page to see.
    let turns = 0
    let isSettled = false
    const settled = promise.then(
      (response) => ({ status: response.status, type: response.type, redirected: response.redirected, isResponse: response.constructor === Response }),
      (error) => ({ rejects: describe(error), turns: turns < 50 ? turns : 'many' }),
    ).finally(() => { isSettled = true })
    while (!isSettled && turns < 50) {
      turns++
      await undefined
    }
    return settled
  }
  window.xhrOutcome = async (make) => {
    const xhr = new XMLHttpRequest()
    const log = []
    // Firefox now and then tells twice of a state.
    const note = (entry) => { if (!${ENGINE === 'firefox'} || log.at(-1) !== entry) log.push(entry) }
    for (const type of ['readystatechange', 'loadstart', 'load', 'loadend', 'error', 'abort', 'timeout']) {
      xhr.addEventListener(type, () => note(type + ' ' + xhr.readyState))
    }
    const result = await outcome(() => make(xhr))
    if (xhr.readyState > 0 && xhr.readyState < 4 && log.some((entry) => entry.startsWith('loadstart'))) {
      await new Promise((resolve) => xhr.addEventListener('loadend', resolve))
    }
    return { result, log, readyState: xhr.readyState, status: xhr.status, own: Reflect.ownKeys(xhr).map(String) }
  }
  undefined`

/** Pages with and without the plugin, to do the same in. */
export interface Twins {
  pages: Record<PageName, TestPage>
  /** The script does in a page with the plugin what it does in the same page without it; gives what it does natively. */
  expectSame(script: Source): Promise<unknown>
}

export function useTwins(stage: Stage): Twins {
  const pages = {} as Record<PageName, TestPage>
  beforeAll(async () => {
    for (const [name, definition] of Object.entries(PAGES) as Array<[PageName, PageDefinition]>) {
      const page = await stage.open(definition)
      pages[name] = page
      if (name.startsWith('RUM')) {
        await page.sessionId()
      }
      await page.evaluate(HELPERS)
    }
  })
  const run = (name: PageName, script: Source) => pages[name].evaluate<unknown>(script)
  return {
    pages,
    async expectSame(script) {
      const native = await run('native', script)
      expect(await run('plugin alone', script)).toEqual(native)
      expect(await run('RUM with the plugin', script)).toEqual(await run('RUM alone', script))
      return native
    },
  }
}

/** A page as the browser alone has it, and one with nothing but the plugin between, which has an entry per carrier. */
export function useCarrierTwins(stage: Stage): Record<'native' | 'served', TestPage> {
  const pages = {} as Record<'native' | 'served', TestPage>
  beforeAll(async () => {
    pages.native = await stage.open(NATIVE)
    pages.served = await stage.open(alone(`origins: ${ENTRY_PER_CARRIER}`))
  })
  return pages
}
