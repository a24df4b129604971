// The software bill of materials of what is published, as CycloneDX: `npm run sbom` writes it to sbom.json.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const read = (name) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))

/** Those entries of the lock file that a user gets: `npm sbom --omit=dev` itself leaves out what is a development dependency as well. */
export function runtimePackages() {
  const { '': _root, ...packages } = read('package-lock.json').packages
  return Object.fromEntries(
    Object.entries(packages).filter(([, entry]) => !entry.dev && !entry.peer && !entry.devOptional),
  )
}

export function createSbom() {
  const { name, version, license, description, dependencies } = read('package.json')
  const root = { name, version, license, description, dependencies }
  const parent = mkdtempSync(join(tmpdir(), 'sbom-'))
  // npm names the component by its folder.
  const folder = join(parent, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root))
  const packages = { '': root, ...runtimePackages() }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name, version, lockfileVersion: 3, packages }))
  try {
    const options = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=library']
    return execFileSync('npm', ['sbom', ...options], { cwd: folder, encoding: 'utf8' })
  } finally {
    rmSync(parent, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync('sbom.json', createSbom())
  console.log('sbom.json')
}
