// Prepares a release, and publishes nothing: npm run release [-- --without-tests]
// On a tag, the workflow runs it with --tag v1.2.3 --output <folder>. Then it changes no file, and
// writes what is to be published into the folder.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { writeScriptTag } from './cdn.mjs'
import { writeOutput } from './output.mjs'
import { comparePackedFiles } from './packedFiles.mjs'
import { readVersions } from './versions.mjs'

const { values: options } = parseArgs({
  options: {
    'without-tests': { type: 'boolean', default: false },
    tag: { type: 'string' },
    output: { type: 'string' },
  },
})
const { scripts, repository, version } = JSON.parse(readFileSync('package.json', 'utf8'))

let passed = 0
let failed = 0
function step(name, check) {
  console.log(`== ${name}`)
  try {
    check()
    passed += 1
  } catch (error) {
    failed += 1
    console.error(`FAILED: ${name}: ${error.message}`)
  }
}

function run(command, ...args) {
  execFileSync(command, args, { stdio: 'inherit' })
}

function build() {
  run('npm', 'run', '--silent', 'build', '--', '--silent')
  const hash = (file) =>
    createHash('sha256')
      .update(readFileSync(`dist/${file}`))
      .digest('hex')
  return JSON.stringify(readdirSync('dist').map((file) => [file, hash(file)]))
}

step('the same version everywhere', () => {
  const others = Object.entries(readVersions()).filter(([, other]) => other !== version)
  if (others.length) throw new Error(`package.json has ${version}, but ${JSON.stringify(Object.fromEntries(others))}`)
})

if (options.tag) {
  step('the tag, and where the repository is', () => {
    if (options.tag !== `v${version}`) throw new Error(`package.json has ${version}, and the tag is ${options.tag}`)
    if (!repository) throw new Error('package.json has no "repository", which provenance asks for')
  })
}

step('two builds are the same', () => {
  const [first, second] = [build(), build()]
  if (first !== second) throw new Error('the files in dist/ differ')
})

if (options['without-tests']) console.log('== the checks of continuous integration: left out, as asked')
else step('the checks of continuous integration', () => run('bash', '.ci/run'))

step('the contents of the package', () => {
  const { unexpected, missing } = comparePackedFiles()
  if (unexpected.length) throw new Error(`not in scripts/release/files.txt: ${unexpected.join(', ')}`)
  if (missing.length) throw new Error(`missing in the package: ${missing.join(', ')}`)
})

if (scripts.sbom) step('the list of parts (SBOM)', () => run('npm', 'run', '--silent', 'sbom'))

if (!failed) {
  step('URLs and hash of the script tag', () => {
    const integrity = JSON.parse(readFileSync('dist/sri.json', 'utf8'))['rum-llm-correlation.iife.js']
    for (const readme of ['README.md', 'README.es.md']) {
      const written = writeScriptTag(readFileSync(readme, 'utf8'), { version, integrity })
      if (!written.includes(integrity)) throw new Error(`${readme} has no place for them`)
      if (options.tag && written !== readFileSync(readme, 'utf8')) throw new Error(`${readme} has others: ${integrity}`)
      writeFileSync(readme, written)
    }
  })
}

if (!failed && options.output) step('what is to be published', () => writeOutput(options.output, version))

if (!failed && !options.tag) {
  if (!repository) {
    console.log('\npackage.json has no "repository": npm will not resolve the links and pictures of the README.')
  }
  console.log(`
Nothing is published yet. Look at "git diff", commit, tag v${version}, and push the tag: the workflow publishes it. By hand:

  npm publish --access public
  python3 -m build python --outdir python/dist && python3 -m twine upload python/dist/*
`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
