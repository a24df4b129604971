// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { writeScriptTag } from '../../scripts/release/cdn.mjs'
import { releaseNotes } from '../../scripts/release/notes.mjs'
import { comparePackedFiles } from '../../scripts/release/packedFiles.mjs'
import { readVersions } from '../../scripts/release/versions.mjs'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const readmes = ['README.md', 'README.es.md']
const release = { version: '9.8.7', integrity: `sha384-${'A'.repeat(64)}` }

it('all places say the same version', () => {
  expect(new Set(Object.values(readVersions()))).toEqual(new Set([version]))
})

it('the package has what the list has, and no more', () => {
  expect(comparePackedFiles()).toEqual({ unexpected: [], missing: [] })
}, 30_000)

describe('the text of a release', () => {
  const changelog =
    '# C\n\n## [Unreleased]\n\n- a\n\n## [1.1.0] - 2026-12-01\n\n### Added\n\n- b\n\n## [1.0.0] - 2026-11-24\n\n- c\n'

  it.each([
    ['1.1.0', '### Added\n\n- b\n'],
    ['1.0.0', '- c\n'],
  ])('%s', (of, expected) => expect(releaseNotes(changelog, of)).toBe(expected))

  it.each(['1.2.0', '1x1.0'])('%s, of which the changelog says nothing, is refused', (of) =>
    expect(() => releaseNotes(changelog, of)).toThrow(of),
  )
})

describe.each(readmes)('the script tag in %s', (file) => {
  const readme = readFileSync(file, 'utf8')
  const place = /<!-- cdn -->([\s\S]*)<!-- end of cdn -->/.exec(readme)?.[1] ?? ''

  it('is written with version and hash, and nothing else changes', () => {
    const written = writeScriptTag(readme, release)
    expect(written).toContain(`src="https://unpkg.com/rum-llm-correlation@9.8.7/dist/rum-llm-correlation.iife.js"`)
    expect(written).toContain(
      `"https://cdn.jsdelivr.net/npm/rum-llm-correlation@9.8.7/dist/rum-llm-correlation.iife.js"`,
    )
    expect(written).toContain(`integrity="${release.integrity}"`)
    expect(writeScriptTag(written, { version: 'VERSION', integrity: 'INTEGRITY' })).toBe(
      writeScriptTag(readme, { version: 'VERSION', integrity: 'INTEGRITY' }),
    )
    const [before, after] = readme.split(place)
    expect(written.startsWith(before as string) && written.endsWith(after as string)).toBe(true)
  })

  it('is that of a release, or says that there is none yet', () => {
    const versions = new Set([...place.matchAll(/@([^/]+)\/dist/g)].map(([, name]) => name))
    const [, integrity] = /integrity="([^"]*)"/.exec(place) ?? []
    expect(versions.size).toBe(1)
    const [written] = versions
    if (written === 'VERSION') {
      expect(integrity).toBe('INTEGRITY')
    } else {
      expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(`\n## [${written}] - `)
      expect(integrity).toMatch(/^sha384-[A-Za-z\d+/]{64}$/)
    }
  })
})
