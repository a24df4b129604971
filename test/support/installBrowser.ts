import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { launchBrowser } from './browser.js'

const canStart = () =>
  launchBrowser().then(
    (browser) => browser.close().then(() => true),
    () => false,
  )

const run = (command: string, ...args: string[]) => {
  console.info(`No Chromium found, trying: ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}

/**
 * Vitest global setup of the projects that need a browser: does nothing where one starts, else gets one, so that the
 * tests run on a fresh machine without further steps.
 */
export async function setup(): Promise<void> {
  if (await canStart()) {
    return
  }
  if (run('npx', 'playwright-core', 'install', 'chromium-headless-shell') && (await canStart())) {
    return
  }
  // Playwright has no builds for some machines, and its builds lack their system libraries on others.
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    run('apt-get', 'update')
    if (run('apt-get', 'install', '--yes', '--no-install-recommends', 'chromium') && (await canStart())) {
      return
    }
  }
  throw new Error(
    'The tests need Chromium or Chrome, and none could be installed. Install one ' +
      '(for example `npx playwright-core install --with-deps chromium`, or the `chromium` package of your system), ' +
      'or name its executable in the environment variable CHROMIUM_PATH.',
  )
}
