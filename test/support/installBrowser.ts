import { spawnSync } from 'node:child_process'
import { driverOf, ENGINE } from './engines/engine.js'

const run = ([command = '', ...args]: string[]) => {
  console.info(`${ENGINE} does not start, trying: ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}

/**
 * Vitest global setup of the projects that need a browser: does nothing where one starts, else gets one, so that the
 * tests run on a fresh machine without further steps.
 */
export async function setup(): Promise<void> {
  const driver = await driverOf(ENGINE)
  let failure: unknown
  const canStart = () =>
    driver.launch().then(
      (browser) => browser.close().then(() => true),
      (error) => {
        failure = error
        return false
      },
    )
  if (await canStart()) {
    return
  }
  for (const commands of driver.installations()) {
    if (commands.map(run).at(-1) && (await canStart())) {
      return
    }
  }
  throw new Error(`The tests need ${ENGINE}, and none could be installed. ${driver.advice}`, { cause: failure })
}
