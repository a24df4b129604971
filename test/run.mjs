// Runs parts of the tests: node test/run.mjs [quick] [rest] [checks]
// Says at the end which tests had to be tried again, which suites failed, and "N passed, N failed".
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PARTS } from './suites.mjs'
import { importTypeScript } from './support/importTypeScript.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COUNTS = /^(\d+) passed, (\d+) failed$/
const RETRIED = /^retried: .+$/

const parts = process.argv.slice(2)
const unknown = parts.filter((part) => !(part in PARTS))
if (parts.length === 0 || unknown.length > 0) {
  console.error(`Usage: node test/run.mjs part…, with parts among ${Object.keys(PARTS).join(', ')}`)
  process.exit(2)
}

// Several suites need the Python packages, and only one may install them.
const { setup: installPython } = await importTypeScript(new URL('support/installPython.ts', import.meta.url))
installPython()

const results = []
for (const stage of parts.flatMap((part) => PARTS[part])) {
  const [shown, ...beside] = stage
  await Promise.all([runLane(shown, (text) => process.stdout.write(text)), ...beside.map(runBeside)])
}
report(results)

async function runLane(suites, print) {
  for (const suite of suites) {
    print(`== ${suite.name}: ${suite.command.join(' ')}\n`)
    const started = Date.now()
    const result = { name: suite.name, ...(await run(suite, print)), seconds: (Date.now() - started) / 1000 }
    results.push(result)
    print(`${lineOf(result)}\n`)
  }
}

/** What a lane beside the first one prints comes after it, in one piece. */
async function runBeside(suites) {
  let output = ''
  await runLane(suites, (text) => {
    output += text
  })
  process.stdout.write(output)
}

function run({ command: [program, ...args], isCheck }, print) {
  let output = ''
  const take = (data) => {
    output += data
    print(String(data))
  }
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, shell: process.platform === 'win32' })
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => take(`${error}\n`))
    child.on('close', (code) => {
      const isGood = code === 0
      const counts = isCheck ? { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1 } : countsIn(output, isGood)
      resolve({ ...counts, retried: output.split('\n').filter((line) => RETRIED.test(line)) })
    })
  })
}

/** What a suite has counted. One that has counted nothing, or ends badly without a failed test, has failed. */
function countsIn(output, isGood) {
  const [, passed = 0, failed = 0] =
    output
      .split('\n')
      .findLast((line) => COUNTS.test(line))
      ?.match(COUNTS) ?? []
  const isCounted = isGood ? Number(passed) > 0 : Number(failed) > 0
  return { passed: Number(passed), failed: Number(failed) + (isCounted ? 0 : 1) }
}

function lineOf({ name, passed, failed, seconds }) {
  return `${name}: ${passed} passed, ${failed} failed, ${Math.round(seconds)} s`
}

function report(results) {
  console.log('\n== results')
  for (const result of results) {
    console.log(`${result.failed ? 'FAILED: ' : ''}${lineOf(result)}`)
  }
  const retried = results.flatMap((result) => result.retried)
  console.log(`retried: ${retried.length}`)
  for (const line of retried) {
    console.log(`  ${line}`)
  }
  const sum = (name) => results.reduce((total, result) => total + result[name], 0)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  process.exitCode = sum('failed') === 0 ? 0 : 1
}
