import { spawnSync } from 'node:child_process'
import { driverOf, ENGINE } from './engines/engine.js'

const run = ([command = '', ...args]: string[]) => {
  console.info(`${ENGINE} does not start, trying: ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}

/**
 * The global setup of Vitest projects that need a browser. If none starts, it installs one, so that
 * a fresh machine needs no further steps.
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
