// What reaches a user by `npm install` is what these sources make, and nothing else: `npm run check:supply`.
// The last line is `N passed, N failed`.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createSbom, runtimePackages } from './sbom.mjs'

const counts = { passed: 0, failed: 0 }
function check(name, isGood, details) {
  console.log(`${isGood ? 'ok' : 'FAILED'}: ${name}`)
  counts[isGood ? 'passed' : 'failed'] += 1
  if (!isGood) {
    console.log(details)
  }
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']
const own = INSTALL_SCRIPTS.filter((name) => name in manifest.scripts)
check('installing it runs nothing', own.length === 0 && !existsSync('binding.gyp'), own)

const dependencies = Object.keys(manifest.dependencies)
check('its one dependency is @datadog/browser-core', dependencies.join() === '@datadog/browser-core', dependencies)

const runtime = runtimePackages()
const DATADOG = ['node_modules/@datadog/browser-core', 'node_modules/@datadog/js-core']
check("with it comes Datadog's own core, and nothing more", Object.keys(runtime).join() === DATADOG.join(), runtime)
const scripted = Object.keys(runtime).filter((path) => runtime[path].hasInstallScript)
check('neither of them runs anything when it is installed', scripted.length === 0, scripted)

const { components } = JSON.parse(createSbom())
const named = components.map(({ name }) => `node_modules/${name}`)
check(
  'the bill of materials names these, with hashes',
  named.join() === DATADOG.join() && components.every(hasHash),
  named,
)
function hasHash({ hashes }) {
  return hashes?.length > 0
}

// Not every registry's mirror knows of vulnerabilities.
const audit = JSON.parse(spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' }).stdout || '{}')
if (audit.metadata?.vulnerabilities === undefined) {
  console.log(`NOT CHECKED: npm audit, for the registry did not answer it (${audit.message ?? 'no answer'})`)
} else {
  check('no vulnerability is known of', audit.metadata.vulnerabilities.total === 0, audit.vulnerabilities)
}

/** Copies by hard links what a fresh checkout and `npm ci` would give. */
function checkout(folder) {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  })
  for (const file of files.split('\0').filter((file) => file !== '' && existsSync(file))) {
    cpSync(file, join(folder, file))
  }
  linkTree(resolve('node_modules'), join(folder, 'node_modules'))
}

function linkTree(from, to) {
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' })
  } catch {
    // Another file system, or no such `cp`.
    cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  }
}

const hash = (file) => createHash('sha256').update(readFileSync(file)).digest('hex')

/** Builds and packs in a folder, and returns the hash of each file and of the tarball. */
function build(folder, env) {
  const run = (...args) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } })
  checkout(folder)
  run('run', '--silent', 'build', '--', '--silent')
  const tarball = run('pack', '--silent', '--ignore-scripts').trim()
  const dist = readdirSync(join(folder, 'dist')).sort()
  return Object.fromEntries(
    [...dist.map((name) => `dist/${name}`), tarball].map((name) => [name, hash(join(folder, name))]),
  )
}

const temporary = mkdtempSync(join(tmpdir(), 'builds-'))
try {
  const first = build(join(temporary, 'one'), { TZ: 'UTC', LC_ALL: 'C' })
  const second = build(join(temporary, 'deeper/in/another folder'), { TZ: 'Asia/Kathmandu', LC_ALL: 'C.UTF-8' })
  const files = [...new Set([...Object.keys(first), ...Object.keys(second)])]
  const differing = files.filter((file) => first[file] !== second[file])
  check(
    `two builds in two folders are the same, file by file and as a tarball (${files.length} files)`,
    differing.length === 0,
    differing,
  )
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exit(counts.failed === 0 ? 0 : 1)
