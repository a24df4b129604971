import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A package as it is installed. */
export interface Installed {
  readonly name: string
  readonly version: string
  readonly folder: string
  /** Its `engines.node`. */
  readonly node: string | undefined
  /** The first major version of Node.js that dd-trace refuses to run on. */
  readonly nodeMaxMajor: number | undefined
}

/** The package that code in a folder gets by its name, as Node.js finds it; a package finds itself, too. */
export function findPackage(name: string, folder: string): Installed | undefined {
  const own = readPackage(folder)
  const found = own?.name === name ? own : readPackage(join(folder, 'node_modules', name))
  const parent = dirname(folder)
  return found ?? (parent === folder ? undefined : findPackage(name, parent))
}

/** All copies of a package that code in a folder can load, those within other packages too. */
export function findCopies(name: string, folder: string): Installed[] {
  const copies = new Map<string, Installed>()
  const add = (installed: Installed | undefined) => installed && copies.set(realpathSync(installed.folder), installed)
  add(findPackage(name, folder))
  for (let at = folder; ; at = dirname(at)) {
    for (const modules of modulesFolders(join(at, 'node_modules'))) {
      add(readPackage(join(modules, name)))
    }
    if (dirname(at) === at) {
      return [...copies.values()]
    }
  }
}

/** A `node_modules` folder and those of the packages in it; pnpm keeps them all in a folder of its own. */
function modulesFolders(modules: string): string[] {
  if (!existsSync(modules)) {
    return []
  }
  const packages = readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      name.startsWith('@') || name === '.pnpm'
        ? readdirSync(join(modules, name)).map((inner) => join(modules, name, inner))
        : [join(modules, name)],
    )
  return [modules, ...packages.flatMap((path) => modulesFolders(join(path, 'node_modules')))]
}

function readPackage(folder: string): Installed | undefined {
  try {
    const { name, version, engines, nodeMaxMajor } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return { name, version, folder, node: engines?.node, nodeMaxMajor }
  } catch {
    return undefined
  }
}
