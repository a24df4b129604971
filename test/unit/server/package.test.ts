// @vitest-environment node
import { spawnSync } from 'node:child_process'
import { createContext, runInContext } from 'node:vm'
import tracer from 'dd-trace'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { rumSession } from '../../../src/server.js'

/** Runs a script as Node itself does; the package refers to itself by name. */
function run(script: string, type: 'module' | 'commonjs', env: Record<string, string> = {}) {
  const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const NAMES = ['register', 'rumSession', 'rumSessionOf']
const STATE = `globalThis[Symbol.for('rum-llm-correlation.server')]`
// Built-in modules aside, which have no path.
const FOREIGN = `Object.keys(require.cache).filter((path) => !path.includes('/dist/'))`

describe('the built server half', () => {
  it.each([
    ['module', `import * as all from 'rum-llm-correlation/server'; console.log(JSON.stringify([Object.keys(all)]))`],
    [
      'commonjs',
      `const all = require('rum-llm-correlation/server'); console.log(JSON.stringify([Object.keys(all).filter((name) => name !== '__esModule'), ...${FOREIGN}]))`,
    ],
  ] as const)('has three names, registers nothing by itself and loads nothing (%s)', (type, script) => {
    expect(run(script, type)).toEqual([NAMES])
  })

  it.each([
    ['module', {}, false, ['session_id']],
    ['module', { RUM_LLM_SERVER_TIMING: '1' }, true, ['session_id']],
    ['module', { RUM_LLM_SERVER_TIMING: 'true' }, true, ['session_id']],
    ['module', { RUM_LLM_SERVER_TIMING: ' TRUE ' }, true, ['session_id']],
    ['module', { RUM_LLM_SERVER_TIMING: 'no', RUM_LLM_FIELD: ' ' }, false, ['session_id']],
    ['commonjs', { RUM_LLM_SERVER_TIMING: '0', RUM_LLM_FIELD: '' }, false, ['session_id']],
    ['commonjs', { RUM_LLM_SERVER_TIMING: '1', RUM_LLM_FIELD: 'metadata.rum_id' }, true, ['rum_id']],
  ] as const)('registers if ./register is loaded (%s), in the environment %j', (type, env, isTimed, parameters) => {
    const load = type === 'module' ? `import 'rum-llm-correlation/register'` : `require('rum-llm-correlation/register')`
    const script = `${load}; console.log(JSON.stringify([${STATE}.serverTiming, ${STATE}.parameters]))`
    expect(run(script, type, env)).toEqual([isTimed, parameters])
  })

  it('is one registration for its ESM and its CommonJS copy', () => {
    const script = `
      import { createRequire } from 'node:module'
      import { channel } from 'node:diagnostics_channel'
      import { register } from 'rum-llm-correlation/server'
      const require = createRequire(process.cwd() + '/')
      require('rum-llm-correlation/register')
      const end = require('rum-llm-correlation/server').register()
      register()
      const { hasSubscribers } = channel('http.server.request.start')
      end()
      console.log(JSON.stringify([hasSubscribers, channel('http.server.request.start').hasSubscribers]))`
    expect(run(script, 'module')).toEqual([true, false])
  })

  it.each([
    ['./register', `import 'rum-llm-correlation/register'; console.log('no harm')`],
    [
      './server',
      `import { register, rumSessionOf } from 'rum-llm-correlation/server'; register()(); console.log(rumSessionOf({ url: '/' }).sessionId ?? 'no harm')`,
    ],
  ])('can be bundled for a page or an edge runtime, where %s does no harm', async (_name, contents) => {
    const { outputFiles, warnings } = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
    })
    expect(warnings).toEqual([])
    const printed: unknown[] = []
    const { URLSearchParams, TextDecoder, TextEncoder, crypto } = globalThis
    const page = createContext({
      URLSearchParams,
      TextDecoder,
      TextEncoder,
      crypto,
      console: { log: (text: unknown) => printed.push(text) },
    })
    runInContext(outputFiles[0]?.text ?? '', page)
    expect(printed).toEqual(['no harm'])
  })

  it('is left out of a bundle that imports ./server and uses nothing of it', async () => {
    const { outputFiles } = await build({
      stdin: { contents: `import 'rum-llm-correlation/server'`, resolveDir: process.cwd() },
      bundle: true,
      write: false,
      logLevel: 'silent',
    })
    expect(outputFiles[0]?.text.trim()).toBe('(() => {\n})();')
  })
})

it('takes what dd-trace has as tracer.llmobs, by its types too', () => {
  expect(rumSession(tracer.llmobs)).toBeTypeOf('function')
})
