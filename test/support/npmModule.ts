import type * as rum from '@datadog/browser-rum'
import type * as library from '../../src/index.js'
import { type Source, sourceOf } from './pageScript.js'

/** The npm builds that a module of a page can import, and their packages. */
interface NpmBuilds {
  library: typeof library
  rum: typeof rum
}
const PACKAGES: Record<keyof NpmBuilds, string> = { library: 'rum-llm-correlation', rum: '@datadog/browser-rum' }

/**
 * The source of a module that imports these npm builds, and calls the function with them. RUM's npm
 * build takes the name `DD_RUM` when it is imported.
 *
 * ```ts
 * openPage({ module: npmModule(['rum'], ({ rum }) => rum.datadogRum.setUser({ id: 'ann' })) })
 * ```
 */
export function npmModule<Name extends keyof NpmBuilds, A>(
  names: readonly Name[],
  script: (given: Pick<NpmBuilds, Name> & A) => unknown,
  args = {} as A,
): Source {
  const imports = names.map((name) => `import * as ${name} from '${PACKAGES[name]}'`)
  return `${imports.join('\n')}\n${sourceOf(script)}({ ${names.join(', ')}, ...${sourceOf(args)} })`
}
