// Runs tests that need packages of their own. The packages are installed in the folder of the
// tests.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}

/**
 * Whether the installed packages match the lock file. npm writes another lock file into
 * node_modules.
 */
function isInstalled(folder) {
  const installed = join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) {
    return false
  }
  const packagesOf = (file) => Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
  const actual = Object.fromEntries(packagesOf(installed))
  return packagesOf(join(folder, 'package-lock.json')).every(
    ([path, { version, optional }]) => path === '' || optional || actual[path]?.version === version,
  )
}

/** Installs the packages of a folder, if they are not there yet. */
export function install(folder) {
  if (!isInstalled(folder) && !run('npm', ['ci', '--ignore-scripts', '--loglevel=error'], folder)) {
    throw new Error(`The packages of ${folder} could not be installed`)
  }
}

/**
 * Runs the tests of a folder that has a `vitest.config.ts`, with the arguments of this process. The
 * last line is `N passed, N failed`.
 */
export function runInFolder(folder) {
  install(folder)
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'test/support/countsReporter.ts')}`]
  const config = ['--config', join(folder, 'vitest.config.ts')]
  const isGood = run(process.execPath, [vitest, 'run', ...config, ...reporters, ...process.argv.slice(2)], ROOT)
  process.exitCode = isGood ? 0 : 1
}
