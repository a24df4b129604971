// Whether the browser tests notice it when the source is wrong: `npm run test:mutants -- --browser`. Each mutant of what patches the page is
// built into a bundle of its own, which the tests of its file then run with in Chromium until one fails; at least 90 % must be caught.
//
//   npm run test:mutants -- --browser                                  a sample: every n-th mutant of all files
//   npm run test:mutants -- --browser --sample 0 src/browser/install.ts   all mutants of this file
//   npm run test:mutants -- --browser --from 40                        what is left of the sample from there on
//   npm run test:mutants -- --browser --only 8,11                      those of the sample with the numbers that a run has printed
//   npm run test:mutants -- --browser --measure                        how long the tests of each file take without a mutant
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { createVitest } from 'vitest/node'

const LEAST = 90
const TURNS = 8

// A test that fails on a busy machine catches no mutant: each is tried again (browser.config.ts), and some ask for more of that in CI.
process.env.CI = 'true'

/** The sources, and of the browser tests those that have most to do with each, the quickest first. */
const TESTS = {
  'src/browser/install.ts': ['rum/session', 'rum/lifecycle', 'rum/carriedOnce', 'rum/annotateResources'],
  'src/browser/patch.ts': [
    'robustness/nestedCalls',
    'transparency/constructors',
    'rum/lifecycle',
    'rum/carriedOnce',
    'rum/debug',
  ],
  'src/browser/transports/beacon.ts': ['transports/sendBeacon', 'transports/keepaliveQuota'],
  'src/browser/transports/body.ts': ['regressions/documentEncoding', 'carriers/body'],
  'src/browser/transports/connection.ts': ['rum/debug', 'transports/connections'],
  'src/browser/transports/fetch/patch.ts': [
    'robustness/ownFailure',
    'transparency/readOnce',
    'carriers/body',
    'transports/keepalive',
  ],
  'src/browser/transports/fetch/apply.ts': [
    'transports/headerForms',
    'carriers/query',
    'transparency/referrer',
    'transparency/pageObjects',
    'transparency/readAtCall',
    'transparency/callSettings',
    'carriers/baggage',
    'robustness/patchesBelow',
  ],
  'src/browser/transports/fetch/read.ts': [
    'rum/debug',
    'regressions/bodylessRequests',
    'transparency/referrer',
    'carriers/body',
    'carriers/baggage',
    'transports/keepalive',
  ],
  'src/browser/transports/fetch/init.ts': [
    'transports/headerForms',
    'transparency/referrer',
    'transparency/readOnce',
    'robustness/hostileBuiltIns',
    'robustness/pageOrigin',
    'robustness/patchesBelow',
  ],
  'src/browser/transports/fetch/wait.ts': [
    'transports/waitedUrl',
    'robustness/ownFailure',
    'rum/startupWait',
    'rum/changesDuringWait',
    'rum/abortDuringWait',
    'rum/startupWithoutWait',
    'carriers/body',
    'robustness/patchesBelow',
  ],
  'src/browser/transports/fetch/describe.ts': [
    'rum/debug',
    'regressions/bodylessRequests',
    'carriers/body',
    'transports/keepalive',
  ],
  'src/browser/transports/fetch/request.ts': [
    'transparency/referrer',
    'carriers/query',
    'robustness/patchesBelow',
    'carriers/body',
  ],
  'src/browser/transports/headerless.ts': ['rum/debug', 'transports/connections', 'transports/sendBeacon'],
  'src/browser/transports/inputUrl.ts': ['transparency/readOnce', 'transports/contactedUrl'],
  'src/browser/transports/xhr.ts': [
    'rum/debug',
    'robustness/xhrRefuses',
    'regressions/xhrReuse',
    'transports/xhrOpenAndSend',
    'robustness/ownFailure',
    'robustness/patchesBelow',
    'carriers/traceTags',
    'carriers/baggage',
  ],
}

async function mutantsOf(files) {
  const { Instrumenter } = await import('@stryker-mutator/instrumenter')
  const instrumenter = new Instrumenter({ isDebugEnabled: () => false, debug() {}, info() {} })
  const sources = files.map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') }))
  const { mutants } = await instrumenter.instrument(sources, { excludedMutations: [], ignorers: [], plugins: null })
  return mutants
}

/** A copy of the sources and tests, whose `dist` holds the mutant. */
async function createSandbox(folder) {
  const root = process.cwd()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of ['src', 'dist', 'test/browser', 'test/support', 'package.json', 'tsconfig.json']) {
    cpSync(name, `${folder}/${name}`, { recursive: true })
  }
  cpSync('test/mutants/browser.config.ts', `${folder}/vitest.config.ts`)
  for (const name of ['node_modules', 'demo']) {
    symlinkSync(`${process.cwd()}/${name}`, `${folder}/${name}`)
  }
  const bundle = (outfile, options) =>
    build({
      entryPoints: [`${folder}/src/index.ts`],
      absWorkingDir: folder,
      outfile: `${folder}/dist/${outfile}`,
      bundle: true,
      target: 'es2022',
      logLevel: 'silent',
      ...options,
    })

  process.chdir(folder)
  const vitest = await createVitest('test', { watch: false, reporters: [{}] })
  process.chdir(root)

  return {
    /** Builds a mutant, or the sources as they are. Whether that could be built. */
    async put(mutant) {
      const { fileName, location, mutatorName, replacement } = mutant ?? {}
      if (mutant) {
        const text = readFileSync(fileName, 'utf8')
        const lines = text.split('\n')
        const at = ({ line, column }) => lines.slice(0, line).join('\n').length + (line && 1) + column
        const code = mutatorName === 'BlockStatement' ? replacement : `(${replacement})`
        writeFileSync(`${folder}/${fileName}`, text.slice(0, at(location.start)) + code + text.slice(at(location.end)))
      }
      try {
        await bundle('rum-llm-correlation.iife.js', { format: 'iife', globalName: 'DD_LLM_CORRELATION', minify: true })
        await bundle('index.mjs', { format: 'esm', external: ['@datadog/*'] })
        return true
      } catch {
        return false
      } finally {
        if (mutant) {
          cpSync(fileName, `${folder}/${fileName}`)
        }
      }
    },

    /** Runs tests until one fails: which, and how; `undefined` where none does. */
    async test(names) {
      for (const name of names) {
        const [specification] = await vitest.globTestSpecifications([`test/browser/${name}.test.ts`])
        const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification])
        // Those that ran before are in the result, too.
        const module = testModules.find(({ moduleId }) => moduleId === specification.moduleId)
        for (const test of module?.children.allTests('failed') ?? []) {
          return `${name}: ${test.fullName}: ${test.result().errors[0]?.message}`.split('\n')[0]
        }
        if (unhandledErrors.length || !module?.ok()) {
          return `${name}: ${unhandledErrors[0]?.message ?? module?.errors()[0]?.message}`
        }
      }
      return undefined
    },

    close: () => vitest.close(),
  }
}

/** @returns Whether enough mutants were caught. */
export async function runInBrowser({ files, sample, from, only, isMeasured }) {
  const chosen = files.length ? files : Object.keys(TESTS)
  const mutants = await mutantsOf(chosen)
  const step = sample ? Math.max(1, mutants.length / sample) : 1
  // Some of each file first, so that a run that is cut short says something of all of them.
  const taken = Array.from({ length: Math.floor(mutants.length / step) }, (_, index) => index)
    .sort((one, other) => (one % TURNS) - (other % TURNS) || one - other)
    .map((index) => mutants[Math.floor(index * step)])
  console.log(`${taken.length} of ${mutants.length} mutants`)

  const folder = new URL('.cache/browser', import.meta.url).pathname
  const sandbox = await createSandbox(folder)
  await sandbox.put()
  if (isMeasured) {
    for (const name of new Set(chosen.flatMap((file) => TESTS[file]))) {
      const start = Date.now()
      const failure = await sandbox.test([name])
      console.log(`${name}: ${Math.round((Date.now() - start) / 1000)} s ${failure ?? ''}`)
    }
    return true
  }

  const counts = new Map(chosen.map((file) => [file, { caught: 0, all: 0 }]))
  const isRun = ([index]) => (only ? only.includes(index) : index >= from)
  for (const [index, mutant] of [...taken.entries()].filter(isRun)) {
    const { fileName, location, mutatorName, replacement } = mutant
    if (!(await sandbox.put(mutant))) {
      continue
    }
    const failure = await sandbox.test(TESTS[fileName])
    const count = counts.get(fileName)
    count.all += 1
    count.caught += failure ? 1 : 0
    const { line, column } = location.start
    console.log(
      `${index} ${failure ? 'caught' : 'SURVIVED'}: ${fileName}:${line + 1}:${column + 1} ${mutatorName}: ${replacement.replace(/\s+/g, ' ')}${failure ? ` (${failure})` : ''}`,
    )
  }
  for (const [file, { caught, all }] of counts) {
    console.log(`${file}: ${caught} of ${all} mutants caught`)
  }
  await sandbox.close()
  const sum = (name) => [...counts.values()].reduce((total, count) => total + count[name], 0)
  const share = (sum('caught') / sum('all')) * 100
  console.log(`${sum('caught')} of ${sum('all')} mutants caught (${share.toFixed(1)} %)`)
  return share >= LEAST
}
