// @vitest-environment node
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** The modules that a script has loaded as CommonJS, of the package itself aside. The package refers to itself by name. */
const LOADED = `Object.keys(require.cache).filter((path) => !path.includes('/dist/')).map((path) => path.replace(/^.*node_modules.(@?[^/]+.[^/]+).*$/, '$1'))`

function run(script: string, type: 'module' | 'commonjs') {
  const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '-e', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

it.each([
  ['module', `import * as all from 'rum-llm-correlation/otel'`],
  ['commonjs', `const all = require('rum-llm-correlation/otel')`],
] as const)('./otel has one name (%s)', (type, load) => {
  const names = `Object.keys(all).filter((name) => name !== '__esModule')`
  expect(run(`${load}; console.log(JSON.stringify(${names}))`, type)).toEqual(['RumSessionSpanProcessor'])
})

it.each([
  ['otel', ['@opentelemetry/api']],
  ['server', []],
  ['register', []],
])('./%s loads of other packages %j', (entry, packages) => {
  const script = `require('rum-llm-correlation/${entry}'); console.log(JSON.stringify([...new Set(${LOADED})]))`
  expect(run(script, 'commonjs')).toEqual(packages)
})
