// What `doctor` says of the tracers that docs/support.md names, and of those before them: npm run test:tracers
// They are installed into a folder that is gone afterwards. The last line is `N passed, N failed`.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Of dd-trace: the version, and whether spans get the session on the Node.js that runs this. */
const NODE_TRACERS = [
  ['5.113.0', false],
  ['5.114.0', true],
  ['6.2.0', false],
  ['6.3.0', Number.parseInt(process.versions.node, 10) >= 22],
]
/** The same of ddtrace. */
const PYTHON_TRACERS = [
  ['4.12.0', false],
  ['4.13.0', true],
]

const ON = { DD_LLMOBS_ENABLED: '1', DD_LLMOBS_ML_APP: 'shop' }
const { NODE_OPTIONS, ...own } = process.env
const env = { ...own, ...ON }

const folder = mkdtempSync(join(tmpdir(), 'tracers-'))
const counts = { passed: 0, failed: 0 }

/** The Python half reads no bodies yet. */
const HANDED_OVER = {
  'dd-trace': ['body', 'query', 'baggage', 'trace-tags'],
  ddtrace: ['query', 'baggage', 'trace-tags'],
}

function check([tracer, version], { stdout, stderr }, expected) {
  const name = `${tracer} ${version}`
  const states = new Set()
  try {
    const carriers = JSON.parse(stdout).carriers.filter(({ subject }) => HANDED_OVER[tracer].includes(subject))
    for (const { state } of carriers) states.add(state)
  } catch {
    states.add('no report')
  }
  const isRight = [...states].join() === (expected ? 'ok' : 'failed')
  counts[isRight ? 'passed' : 'failed'] += 1
  console.log(`${isRight ? 'ok' : 'FAILED'}: with ${name} all carriers are ${expected ? 'well' : 'not well'}`)
  if (!isRight) console.log(stdout, stderr)
}

function doctorInNode(version) {
  const server = join(folder, `dd-trace-${version}`)
  mkdirSync(server)
  writeFileSync(join(server, 'package.json'), '{"name":"server"}')
  execFileSync('npm', ['install', '--ignore-scripts', '--silent', `dd-trace@${version}`], { cwd: server })
  symlinkSync(resolve('.'), join(server, 'node_modules/rum-llm-correlation'))
  const args = [resolve('dist/cli.mjs'), 'doctor', '--json']
  return spawnSync(process.execPath, args, { cwd: server, env, encoding: 'utf8' })
}

function doctorInPython(version) {
  const venv = join(folder, `ddtrace-${version}`)
  execFileSync('python3', ['-m', 'venv', venv])
  const python = join(venv, 'bin/python')
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', `ddtrace==${version}`, resolve('python')])
  return spawnSync(python, ['-m', 'rum_llm_correlation', 'doctor', '--json'], { cwd: folder, env, encoding: 'utf8' })
}

try {
  for (const [version, expected] of NODE_TRACERS) check(['dd-trace', version], doctorInNode(version), expected)
  for (const [version, expected] of PYTHON_TRACERS) check(['ddtrace', version], doctorInPython(version), expected)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed ? 1 : 0
