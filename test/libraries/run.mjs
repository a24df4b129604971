// `npm run test:libraries`: other libraries that pages have, beside the plugin, in a real browser. They are installed here first,
// for nothing but this needs them. The last line says how many tests passed and failed.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'

const here = fileURLToPath(new URL('.', import.meta.url))
const { status } = spawnSync('npm', ['ci', '--silent', '--ignore-scripts'], {
  cwd: here,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
if (status !== 0) {
  throw new Error(`npm ci failed in ${here}`)
}

const vitest = await startVitest('test', process.argv.slice(2), { config: `${here}vitest.config.ts`, run: true })
await vitest.close()
const modules = vitest.state.getTestModules()
const states = modules.flatMap(({ children }) => [...children.allTests()].map((test) => test.result().state))
const count = (state) => states.filter((other) => other === state).length
// What does not even load, or leaves an error that no test sees, has failed, too.
const failed = count('failed') + modules.filter((module) => module.errors().length > 0).length
console.log(`${count('passed')} passed, ${failed} failed`)
process.exitCode = failed === 0 && count('passed') > 0 && vitest.state.getUnhandledErrors().length === 0 ? 0 : 1
