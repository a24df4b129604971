// @vitest-environment node
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = process.cwd()
let project: string

/** A project that has the package installed, and nothing of this repository around it. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'types-'))
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules/rum-llm-correlation'))
  symlinkSync(join(ROOT, 'node_modules/@datadog'), join(project, 'node_modules/@datadog'))
})
afterAll(() => rmSync(project, { recursive: true }))

/** What the compiler complains of, one line each; the line of the source is in it. */
function complaintsOn(source: string): string[] {
  const file = join(project, 'page.ts')
  writeFileSync(
    file,
    `import { llmCorrelation, type LlmCorrelationOptions, type OriginOptions } from 'rum-llm-correlation'\n${source}`,
  )
  const { stdout } = spawnSync(
    join(ROOT, 'node_modules/.bin/tsc'),
    [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
      file,
    ],
    { cwd: project, encoding: 'utf8' },
  )
  return stdout.split('\n').filter((line) => line.includes('error TS'))
}

it('lists that cannot be changed are taken, as are others', () => {
  const accepted = [
    "llmCorrelation(['/agent'])",
    "llmCorrelation(['/agent'] as const)",
    "llmCorrelation({ origins: ['/agent', /b/, (url: string) => url.length > 3] })",
    "llmCorrelation({ origins: ['/agent', { match: '/b', carrier: 'query' }] as const })",
    "llmCorrelation({ origins: ['/agent', { match: '/b', carrier: 'query', field: 'a.b' }], debug: true } as const)",
    "const list: readonly string[] = ['/agent']; llmCorrelation(list); llmCorrelation({ origins: list })",
    "const entries: ReadonlyArray<OriginOptions> = [{ match: '/agent' }]; llmCorrelation({ origins: entries })",
    "const options: LlmCorrelationOptions = { origins: Object.freeze(['/agent']) }; llmCorrelation(options)",
    "const options: Readonly<LlmCorrelationOptions> = Object.freeze({ origins: ['/agent'] }); llmCorrelation(options)",
  ]
  expect(complaintsOn(accepted.map((line) => `{ ${line} }`).join('\n'))).toEqual([])
})

it('what is wrong is refused', () => {
  const refused = [
    'llmCorrelation()',
    "llmCorrelation('/agent')",
    "llmCorrelation({ origins: '/agent' })",
    "llmCorrelation({ origin: ['/agent'] })",
    "llmCorrelation({ origins: ['/agent'], carier: 'query' })",
    "llmCorrelation({ origins: ['/agent'], carrier: 'header' })",
    "llmCorrelation({ origins: [{ match: '/agent', feild: 'a' }] })",
    "llmCorrelation([{ match: '/agent', debug: true }])",
    "llmCorrelation([{ matches: '/agent' }])",
    'llmCorrelation([42])',
  ]
  const lines = complaintsOn(refused.map((line) => `{ ${line} }`).join('\n')).map((line) =>
    Number(/\((\d+),/.exec(line)?.[1]),
  )
  expect([...new Set(lines)]).toEqual(refused.map((_, index) => index + 2))
})
