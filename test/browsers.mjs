// Runs the browser tests in other engines than Chromium, which `npm test` has:
// node test/browsers.mjs [--engine firefox] [--engine webkit] [a part of a test file's name …]
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const { values, positionals } = parseArgs({
  options: { engine: { type: 'string', multiple: true, default: ['firefox', 'webkit'] } },
  allowPositionals: true,
})
const directory = await mkdtemp(join(tmpdir(), 'browsers-'))
let passed = 0
let failed = 0
for (const engine of values.engine) {
  const started = Date.now()
  const counts = await run(engine)
  const minutes = ((Date.now() - started) / 60_000).toFixed(1)
  console.log(
    `${engine}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} not there, ${minutes} min`,
  )
  passed += counts.passed
  failed += counts.failed
}
await rm(directory, { recursive: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

async function run(engine) {
  console.log(`== ${engine}`)
  const report = join(directory, `${engine}.json`)
  const files = positionals.length > 0 ? positionals : ['test/browser/', 'test/e2e/correlation.test.ts']
  const projects = ['--project', 'browser', '--project', 'e2e']
  const reporters = ['default', './test/support/skippedReporter.ts', './test/support/countsReporter.ts', 'json'].map(
    (name) => `--reporter=${name}`,
  )
  await new Promise((resolve, reject) => {
    const args = ['vitest', 'run', ...projects, ...reporters, `--outputFile.json=${report}`, ...files]
    const env = { ...process.env, BROWSER: engine }
    const shell = process.platform === 'win32'
    spawn('npx', args, { cwd: ROOT, env, stdio: 'inherit', shell }).on('error', reject).on('close', resolve)
  })
  try {
    const { numPassedTests, numPendingTests, numTotalTests, success } = JSON.parse(await readFile(report, 'utf8'))
    const failures = numTotalTests - numPassedTests - numPendingTests
    return { passed: numPassedTests, failed: failures || (success ? 0 : 1), skipped: numPendingTests }
  } catch {
    // No browser, most likely, which the run has said.
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
