import { type PageDefinition, type TestPage, visit } from './page.js'
import { type Servers, servers } from './servers.js'

/** What a test file plays on: one browser, a site for its pages, and an agent behind HTTP/2 on another origin. */
export type Stage = Servers & { open(definition: PageDefinition): Promise<TestPage> }

/** The servers, and pages that are defined by the text of their scripts. */
export function useStage(): Stage {
  return Object.setPrototypeOf(
    {
      open: async (definition: PageDefinition) =>
        visit(servers.browser, await servers.site.add(definition), servers.idle),
    },
    servers,
  )
}

/** For `expect.poll`: its own second is little on a busy machine. */
export const PATIENTLY = { timeout: 10_000 }

/** Every client with every row. */
export const times = <C, R>(clients: readonly C[], rows: readonly R[]): Array<readonly [C, R]> =>
  clients.flatMap((client) => rows.map((row) => [client, row] as const))
