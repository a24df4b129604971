// Whether the unit tests notice it when the source is wrong: `npm run test:mutants`. Stryker puts mutants into each file below, one at a
// time, and runs the tests of that file; at least 90 % must be caught. Not one of the tests of `npm test`, for it takes many minutes.
//
//   npm run test:mutants                                          all files
//   npm run test:mutants -- --survivors src/carriers/baggage.ts   this file, with each mutant that was not caught
//   npm run test:mutants -- --browser                             what only browser tests reach: see browser.mjs
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const LEAST = 90

const here = fileURLToPath(new URL('.', import.meta.url))
process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    survivors: { type: 'boolean', default: false },
    browser: { type: 'boolean', default: false },
    sample: { type: 'string', default: '120' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
    measure: { type: 'boolean', default: false },
  },
})
const FOLDERS = [
  ...['src/carriers', 'src/server', 'src/server/lambda', 'src/otel'],
  ...['src/browser/rum', 'src/browser/decide'],
]
const FILES = [
  ...FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  ),
  ...['match', 'networkUrl', 'router', 'settings', 'transports/headers'].map((name) => `src/browser/${name}.ts`),
  'src/defence/pageOrigin.ts',
  'src/lib/memoize.ts',
]

if (!existsSync(`${here}node_modules/@stryker-mutator/core`)) {
  const { status } = spawnSync('npm', ['ci', '--silent'], { cwd: here, stdio: 'inherit' })
  if (status !== 0) {
    throw new Error('the packages of test/mutants could not be installed')
  }
}

if (values.browser) {
  const { runInBrowser } = await import('./browser.mjs')
  const isGood = await runInBrowser({
    files: positionals,
    sample: Number(values.sample),
    from: Number(values.from),
    only: values.only?.split(',').map(Number),
    isMeasured: values.measure,
  })
  console.log(isGood ? '1 passed, 0 failed' : '0 passed, 1 failed')
  process.exit(isGood ? 0 : 1)
}

const { Stryker } = await import('@stryker-mutator/core')

/** The tests that have the name of the file; of a file without, those of its folder. */
function testsOf(file) {
  const own = file.replace(/^src/, 'test/unit').replace(/ts$/, 'test.ts')
  return existsSync(own) ? own : own.replace(/[^/]*$/, '*.test.ts')
}

async function run(file) {
  const cache = `${here}.cache/${file.replaceAll('/', '.')}`
  mkdirSync(cache, { recursive: true })
  // Not by `testFiles`: with that, Stryker turns a mutant on after the source has been loaded, too late for what is made once, as
  // patterns are.
  process.env.MUTANTS_TESTS = testsOf(file)
  const mutants = await new Stryker({
    mutate: [file],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
    // Stryker rewrites it with an interface that TypeScript 7 no longer has; there is nothing in it to rewrite.
    tsconfigFile: 'none.json',
    ignorePatterns: [
      '**',
      '!/src/**',
      '!/test/unit/**',
      '!/test/support/**',
      '!/test/mutants/*.ts',
      '!/demo/listen.mjs',
      '!/package.json',
    ],
    concurrency: 2,
    timeoutMS: 20_000,
    tempDirName: `${cache}/sandbox`,
    reporters: ['json'],
    jsonReporter: { fileName: `${cache}/report.json` },
    logLevel: 'error',
  }).runMutationTest()

  const survivors = mutants.filter(({ status }) => ['Survived', 'NoCoverage'].includes(status))
  const caught = mutants.filter(({ status }) => ['Killed', 'Timeout'].includes(status)).length
  const all = caught + survivors.length
  const share = all ? (caught / all) * 100 : 100
  console.log(`${share < LEAST ? 'FAILED' : 'ok'}: ${file}: ${caught} of ${all} mutants caught (${share.toFixed(1)} %)`)
  for (const { location, mutatorName, replacement } of values.survivors ? survivors : []) {
    const { line, column } = location.start
    console.log(`  ${basename(file)}:${line}:${column} ${mutatorName}: ${replacement.replace(/\s+/g, ' ')}`)
  }
  return { isGood: share >= LEAST, caught, all }
}

const results = []
for (const file of positionals.length ? positionals : FILES) {
  results.push(await run(file))
}
const sum = (name) => results.reduce((total, result) => total + result[name], 0)
const failed = results.filter(({ isGood }) => !isGood).length
console.log(`${sum('caught')} of ${sum('all')} mutants caught`)
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed || !sum('all') ? 1 : 0
