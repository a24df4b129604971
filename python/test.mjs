// Checks and tests the Python package, and checks the demo's Python, in a virtual environment that it makes:
// node python/test.mjs [pytest's arguments]
// With --report <file>, the counts are written there in the form of vitest's JSON report.
import { spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { preparePackage } from './environment.mjs'

const folder = new URL('./', import.meta.url)
const testResults = fileURLToPath(new URL('.venv/junit.xml', folder))

const { report, pytestArguments } = readArguments(process.argv.slice(2))

const bin = await preparePackage()
await rm(testResults, { force: true })

let passed = 0
let failed = 0

for (const [command, ...args] of [
  ['ruff', 'check', '.', '../demo'],
  ['ruff', 'format', '--check', '.', '../demo'],
  ['mypy', '--strict'],
  // Each of the demo's folders is a program of its own: both have a module named `server`.
  ['mypy', '--strict', '../demo/backend-python'],
  ['mypy', '--strict', '../demo/examples/guide-python'],
]) {
  if (await run(command, args)) passed += 1
  else failed += 1
}

const testsPassed = await run('pytest', ['--junitxml', testResults, ...pytestArguments])
const tests = await countTests()
passed += tests.passed
failed += tests.failed || (testsPassed ? 0 : 1)

console.log(`${passed} passed, ${failed} failed`)
if (report) {
  const counts = { numPassedTests: passed, numTotalTests: passed + failed, success: failed === 0 }
  await writeFile(report, JSON.stringify(counts))
}
process.exitCode = failed ? 1 : 0

function readArguments(args) {
  const { values, tokens } = parseArgs({ args, options: { report: { type: 'string' } }, strict: false, tokens: true })
  const own = tokens.find(({ kind, name }) => kind === 'option' && name === 'report')
  const ownLength = own ? (own.inlineValue ? 1 : 2) : 0
  return { report: values.report, pytestArguments: own ? args.toSpliced(own.index, ownLength) : args }
}

/** Runs a command of the virtual environment, and says whether it succeeded. */
function run(command, args) {
  console.log(`== ${[command, ...args].join(' ')}`)
  return new Promise((resolve, reject) => {
    spawn(bin(command), args, { cwd: folder, stdio: 'inherit' })
      .on('error', reject)
      .on('exit', (code) => resolve(code === 0))
  })
}

async function countTests() {
  const xml = await readFile(testResults, 'utf8').catch(() => '')
  const suite = /<testsuite [^>]*>/.exec(xml)?.[0] ?? ''
  const count = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const failed = count('failures') + count('errors') + count('skipped')
  return { passed: count('tests') - failed, failed }
}
