// Real AI clients in a real browser, with and without the plugin: `npm run test:clients`. Not one of the tests of `npm test`, for it
// installs 330 MB of clients. Arguments go to vitest; the last line is "N passed, N failed".
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}

/** Whether what is installed is what the lock file says; npm leaves a lock file of its own in node_modules. */
function isInstalled() {
  const installed = join(here, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) {
    return false
  }
  const packagesOf = (file) => Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
  const actual = Object.fromEntries(packagesOf(installed))
  return packagesOf(join(here, 'package-lock.json')).every(
    ([path, { version, optional }]) => path === '' || optional || actual[path]?.version === version,
  )
}

if (!isInstalled() && !run('npm', ['ci', '--ignore-scripts', '--loglevel=error'], here)) {
  throw new Error('The clients could not be installed')
}

const results = mkdtempSync(join(tmpdir(), 'rum-llm-correlation-clients-'))
const report = join(results, 'tests.json')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const isGood = run(
  process.execPath,
  [
    ...[vitest, 'run', '--config', join(here, 'vitest.config.ts'), '--root', root],
    ...['--reporter=default', '--reporter=./test/support/countsReporter.ts', '--reporter=json'],
    ...[`--outputFile.json=${report}`, ...process.argv.slice(2)],
  ],
  root,
)
const { numPassedTests, numTotalTests } = existsSync(report)
  ? JSON.parse(readFileSync(report, 'utf8'))
  : { numPassedTests: 0, numTotalTests: 0 }
rmSync(results, { recursive: true, force: true })
const failed = numTotalTests - numPassedTests || (isGood && numPassedTests > 0 ? 0 : 1)
console.log(`${numPassedTests} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
