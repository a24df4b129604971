// `npm run docs` writes the API reference from the TSDoc in src/. With --check, it fails if the
// reference is out of date.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const folder = fileURLToPath(new URL('.', import.meta.url))
const reference = fileURLToPath(new URL('../../docs/api', import.meta.url))

const run = (command, ...args) => execFileSync(command, args, { cwd: folder, stdio: 'inherit' })

if (!existsSync(join(folder, 'node_modules/typedoc'))) run('npm', 'ci', '--silent')

if (values.check) {
  const fresh = mkdtempSync(join(tmpdir(), 'api-'))
  run('npx', 'typedoc', '--out', fresh)
  const names = new Set([fresh, reference].flatMap((path) => readdirSync(path)))
  const text = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  const stale = [...names].filter((name) => text(join(fresh, name)) !== text(join(reference, name)))
  rmSync(fresh, { recursive: true })
  for (const name of stale) console.error(`docs/api/${name} is not up to date: npm run docs`)
  console.log(`${names.size - stale.length} passed, ${stale.length} failed`)
  process.exitCode = stale.length ? 1 : 0
} else {
  run('npx', 'typedoc')
}
