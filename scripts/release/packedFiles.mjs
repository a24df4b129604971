import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Compares the files that `npm pack` would pack with `files.txt`. In a line there, `*` stands for a
 * part of a name.
 */
export function comparePackedFiles() {
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', stdio: 'pipe' }),
  )
  const packed = files.map(({ path }) => path)
  const expected = readFileSync(new URL('files.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
  const patterns = expected.map((line) => [
    line,
    new RegExp(`^${line.replace(/[.+]/g, '\\$&').replaceAll('*', '[^/]*')}$`),
  ])
  return {
    unexpected: packed.filter((path) => !patterns.some(([, pattern]) => pattern.test(path))),
    missing: patterns.filter(([, pattern]) => !packed.some((path) => pattern.test(path))).map(([line]) => line),
  }
}
