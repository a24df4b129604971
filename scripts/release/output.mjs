import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { releaseNotes } from './notes.mjs'

/**
 * Writes into a folder: the packages for npm and PyPI, the release's text, and its bill of
 * materials.
 */
export function writeOutput(folder, version) {
  const [npm, pypi] = ['npm', 'pypi'].map((name) => join(folder, name))
  for (const path of [npm, pypi]) mkdirSync(path, { recursive: true })
  const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' })
  run('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', npm)
  run('python3', '-m', 'venv', join(folder, '.venv'))
  const python = join(folder, '.venv/bin/python')
  run(python, '-m', 'pip', 'install', '--quiet', 'build')
  run(python, '-m', 'build', 'python', '--outdir', pypi)
  rmSync(join(folder, '.venv'), { recursive: true })
  writeFileSync(join(folder, 'notes.md'), releaseNotes(readFileSync('CHANGELOG.md', 'utf8'), version))
  copyFileSync('sbom.json', join(folder, 'sbom.json'))
}
