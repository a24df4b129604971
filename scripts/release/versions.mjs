import { readFileSync } from 'node:fs'

/** The version of this package in each place that has one, by the place's name. */
export function readVersions() {
  const read = (file) => readFileSync(file, 'utf8')
  const lock = JSON.parse(read('package-lock.json'))
  return {
    'package.json': JSON.parse(read('package.json')).version,
    'package-lock.json': lock.version,
    'package-lock.json, packages': lock.packages[''].version,
    'src/browser/version.ts': /'(.+)'/.exec(read('src/browser/version.ts'))?.[1],
    'python/pyproject.toml': /^version = "(.+)"$/m.exec(read('python/pyproject.toml'))?.[1],
    'CHANGELOG.md, the newest release': /^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$/m.exec(read('CHANGELOG.md'))?.[1],
  }
}
