import { openPage, type Page, type PageOptions } from './openPage.js'

/** The plugin with a stub of RUM, and with the real SDK. Each page has a twin, which lacks the plugin alone. */
export interface WithAndWithoutRum {
  /** Nothing but the plugin stands between page and browser. Its twin is the browser alone. */
  withoutRum: Page
  /** Its twin is RUM alone. */
  withRum: Page
  /** The function does in both pages what it does in their twins. Gives what it does in the browser alone. */
  expectSame<R>(script: () => R): Promise<Awaited<R>>
  expectSame<A, R>(script: (args: A) => R, args: A): Promise<Awaited<R>>
  close(): Promise<void>
}

/**
 * Opens them with the same options of the plugin.
 *
 * ```ts
 * const pages = await openWithAndWithoutRum(['/agent'])
 * await pages.expectSame(({ url }) => fetch(url).then(({ status }) => status), { url: '/agent/chat' })
 * ```
 */
export async function openWithAndWithoutRum(plugin: NonNullable<PageOptions['plugin']>): Promise<WithAndWithoutRum> {
  const withoutRum = await openPage({ sdk: 'stub', plugin })
  const withRum = await openPage({ plugin })
  await withRum.sessionId()
  await (await withRum.twin()).sessionId()
  return {
    withoutRum,
    withRum,
    async expectSame(script: (args: unknown) => unknown, args?: unknown) {
      const [natively] = await Promise.all([withoutRum.expectSame(script, args), withRum.expectSame(script, args)])
      return natively as never
    },
    async close() {
      await withoutRum.close()
      await withRum.close()
    },
  }
}
