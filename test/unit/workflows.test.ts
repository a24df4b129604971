// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = '.github/workflows'
const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8')
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

describe.each(readdirSync(folder))('%s', (file) => {
  const text = read(file)

  it('takes actions by the hash of a commit, and says which version that is', () => {
    const uses = [...text.matchAll(/uses: (.+)/g)].map(([, what]) => what)
    expect(uses.length).toBeGreaterThan(1)
    expect(uses.filter((what) => !/^[\w.-]+\/[\w./-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/.test(what as string))).toEqual([])
  })

  it('may only read, unless a job says otherwise', () => {
    expect(text).toContain('\npermissions:\n  contents: read\n')
  })

  it('runs scripts that there are', () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name as string)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})

it('all workflows take the same version of an action', () => {
  const uses = readdirSync(folder).flatMap((file) => [...read(file).matchAll(/uses: (\S+)@(\S+)/g)])
  const versions = new Map<string, Set<string>>()
  for (const [, action = '', hash = ''] of uses) {
    versions.set(action, (versions.get(action) ?? new Set()).add(hash))
  }
  expect([...versions].filter(([, hashes]) => hashes.size > 1)).toEqual([])
})

it('pull requests run on each version that is supported', () => {
  const text = read('pull-request.yml')
  expect(text).toContain('node: [20, 22, 24]')
  const pythons = [...readFileSync('python/pyproject.toml', 'utf8').matchAll(/Python :: (3\.\d+)"/g)].map(
    ([, of]) => of,
  )
  for (const python of pythons) {
    expect(text).toContain(`'${python}'`)
  }
})
