// @vitest-environment node
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** Runs a script as Node itself does, without the test runner's module resolution; the package refers to itself by name. */
function run(script: string, type: 'module' | 'commonjs') {
  const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '-e', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout
}

const CHECK = `
  const before = [globalThis.fetch, globalThis.WebSocket]
  const plugin = llmCorrelation({ origins: ['/api/chat'] })
  plugin.onInit({ initConfiguration: {}, publicApi: {} })
  plugin.onRumStart()
  plugin.stop()
  const names = Object.keys(exported).filter((name) => name !== '__esModule')
  console.log(JSON.stringify([names, plugin.name, before[0] === globalThis.fetch && before[1] === globalThis.WebSocket]))
`

it.each([
  ['module', `import * as exported from 'rum-llm-correlation'; const { llmCorrelation } = exported; ${CHECK}`],
  ['commonjs', `const exported = require('rum-llm-correlation'); const { llmCorrelation } = exported; ${CHECK}`],
] as const)('imported where there is no window (%s), the package has one name and does nothing', (type, script) => {
  expect(JSON.parse(run(script, type))).toEqual([['llmCorrelation'], 'llm-correlation', true])
})
