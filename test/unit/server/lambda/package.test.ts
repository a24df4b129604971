// @vitest-environment node
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'

function run(script: string, type: 'module' | 'commonjs') {
  const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '-e', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

it.each([
  ['module', `import * as all from 'rum-llm-correlation/lambda'; console.log(JSON.stringify([Object.keys(all)]))`],
  [
    'commonjs',
    `const all = require('rum-llm-correlation/lambda')
     const foreign = Object.keys(require.cache).filter((path) => !path.includes('/dist/'))
     console.log(JSON.stringify([Object.keys(all).filter((name) => name !== '__esModule'), ...foreign]))`,
  ],
] as const)('./lambda has two names, and loads nothing (%s)', (type, script) => {
  expect(run(script, type)).toEqual([['extractor', 'withRumSession']])
})

it("Datadog's loader, which tries the bare path first, finds the module that it appends the extension for", () => {
  expect(
    ['dist/lambda', 'dist/lambda.js', 'dist/lambda.mjs', 'dist/lambda.cjs'].map((path) => existsSync(path)),
  ).toEqual([false, false, true, true])
})
