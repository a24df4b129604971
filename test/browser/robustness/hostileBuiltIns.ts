import type { LlmCorrelationOptions } from '../../../src/index.js'
import { type Outcome, outcomesOf, prepareCalls, type Results } from '../../support/hostilePage.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'

/** A plugin that is there when the page changes its built-ins, or starts after that. */
export const WHEN = ['after init', 'between load and init', 'before init, with calls that wait'] as const
export type When = (typeof WHEN)[number] | 'without the plugin'

/** Runs in the page: changes its built-ins, and gives what undoes that. */
export type Change<A> = (args: A) => () => void

/** Runs in the page, before the change. */
export type MakeValue = () => unknown

/** In the page: puts a value in the place of a global, as `var` and assignments do. */
export const replaceGlobal: Change<{ name: string; value: MakeValue }> = (t) => {
  const { getOwnPropertyDescriptor, defineProperty } = Object
  const { deleteProperty } = Reflect
  const page = window
  const before = getOwnPropertyDescriptor(page, t.name)
  defineProperty(page, t.name, { value: t.value(), writable: true, configurable: true, enumerable: true })
  return () => (before ? defineProperty(page, t.name, before) : deleteProperty(page, t.name))
}

/** In the page: gives members of these names to every object that has none. */
export const haveInherited: Change<{ names: string[]; value: MakeValue; enumerable: boolean }> = (t) => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  const { defineProperty } = Object
  const value = t.value()
  for (const name of t.names) {
    const own = { __proto__: null, value, enumerable: t.enumerable, writable: true, configurable: true }
    defineProperty(prototype, name, own as PropertyDescriptor)
  }
  return () => {
    for (const name of t.names) delete prototype[name]
  }
}

interface Run<A> {
  change: Change<A>
  args: A
  when: When
  prefix: string
  origins: LlmCorrelationOptions['origins']
  sessionId: string
  prepareCalls: typeof prepareCalls
}

/** In the page: makes the change, starts the plugin if that is to come later, makes one call of each kind, and undoes it. */
async function callWhile<A>(t: Run<A>): Promise<Results> {
  const make = t.prepareCalls()
  let started: typeof plugin | undefined
  let session: { session_id: string } | undefined
  let calls: Promise<Results> | undefined
  let failure: unknown
  const undo = t.change(t.args)
  try {
    if (t.when === 'between load and init' || t.when === 'before init, with calls that wait') {
      try {
        started = DD_LLM_CORRELATION.llmCorrelation({ origins: t.origins }) as typeof plugin
        const publicApi = { getInternalContext: () => session, getUser: () => ({}), getAccount: () => ({}) }
        started.onInit({ initConfiguration: {}, publicApi })
        if (t.when === 'before init, with calls that wait') calls = make(t.prefix)
        session = { session_id: t.sessionId }
        started.onRumStart()
      } catch (error) {
        failure = error
      }
    }
    calls ??= make(t.prefix)
    const results = await calls
    return failure ? { ...results, init: `throws ${failure}` } : results
  } finally {
    undo()
    started?.stop()
  }
}

const ORIGINS: LlmCorrelationOptions['origins'] = [
  { match: '/baggage', carrier: 'baggage' },
  { match: '/tags', carrier: 'trace-tags' },
  '/agent',
]

/** Pages whose built-ins are changed for a while. */
export interface HostilePages {
  /** As the browser alone has it. */
  native: Page
  /** Its plugin has started. */
  served: Page
  /** What each call comes to in a page that changes nothing, without the plugin. */
  baseline: Record<string, Outcome>
  /** What each call comes to with the change. The calls go out below `path`. */
  outcomesWith<A>(change: Change<A>, args: A, when: When, path?: string): Promise<Record<string, Outcome>>
  close(): Promise<void>
}

export async function openHostilePages(): Promise<HostilePages> {
  const native = await openPage({ sdk: 'none', plugin: false })
  const served = await openPage({ sdk: 'stub', plugin: ORIGINS })
  // Its plugin is loaded, and starts with each run.
  const bare = await openPage({ sdk: 'none' })
  let runs = 0
  const outcomesWith: HostilePages['outcomesWith'] = async (change, args, when, path = '/agent') => {
    const page = when === 'without the plugin' ? native : when === 'after init' ? served : bare
    const prefix = `${path}/${++runs}`
    servers.site.requests.length = 0
    const run = { change, args, when, prefix, origins: ORIGINS, sessionId: STUB_SESSION_ID, prepareCalls }
    return outcomesOf(servers.site, prefix, await page.run(callWhile, run as Run<unknown>))
  }
  return {
    native,
    served,
    baseline: await outcomesWith(() => () => {}, undefined, 'without the plugin', '/native'),
    outcomesWith,
    close: async () => void (await Promise.all([native, served, bare].map((page) => page.close()))),
  }
}
