// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
// TypeScript 7 has no API that reads source.
import * as ts from '@typescript/typescript6'
import { describe, expect, it } from 'vitest'

const MAX_LINES_OF_FILE = 200
const MAX_LINES_OF_FUNCTION = 40
const MAX_FLOORS = 8

const FOLDERS = ['src/browser', 'src/carriers', 'src/defence', 'src/lib']
const files = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
)
const sources = new Map(
  files.map((file) => [file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)]),
)

/** The files that a file imports from, for values or for types. */
function importsOf(file: string): string[] {
  return (sources.get(file)?.statements ?? []).flatMap((statement) => {
    const from =
      ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined
    const name = from && ts.isStringLiteral(from) ? from.text : ''
    return name.startsWith('.') ? [join(dirname(file), name.replace(/\.js$/, '.ts'))] : []
  })
}

/** The longest way down from a file, as the names on it; ends at a file that is on the way already. */
function longestWay(file: string, within: string, above: readonly string[] = []): string[] {
  if (above.includes(file)) {
    throw new Error(`These import each other: ${[...above, file].join(' → ')}`)
  }
  const below = importsOf(file)
    .filter((name) => name.startsWith(within))
    .map((name) => longestWay(name, within, [...above, file]))
  return [file, ...below.reduce((longest, way) => (way.length > longest.length ? way : longest), [] as string[])]
}

function longFunctionsOf(source: ts.SourceFile): string[] {
  const found: string[] = []
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const visit = (node: ts.Node) => {
    const lines = lineOf(node.getEnd()) - lineOf(node.getStart(source)) + 1
    if (ts.isFunctionLike(node) && lines > MAX_LINES_OF_FUNCTION) {
      found.push(`${source.fileName}:${lineOf(node.getStart(source)) + 1} (${lines} lines)`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

describe('the source', () => {
  it('has no circle of files', () => {
    for (const file of files) {
      longestWay(file, 'src/')
    }
  })

  it(`reads top-down in at most ${MAX_FLOORS} floors, on the page`, () => {
    const way = longestWay('src/browser/plugin.ts', 'src/browser/')
    expect(way.length, way.join(' → ')).toBeLessThanOrEqual(MAX_FLOORS)
  })

  it(`has no file of more than ${MAX_LINES_OF_FILE} lines`, () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length - 1 > MAX_LINES_OF_FILE)
    expect(long).toEqual([])
  })

  it(`has no function of more than ${MAX_LINES_OF_FUNCTION} lines`, () => {
    expect([...sources.values()].flatMap(longFunctionsOf)).toEqual([])
  })
})

describe('a folder knows no more than it has to', () => {
  it.each([
    ['src/browser', /^src\/server/],
    ['src/carriers', /^src\/(browser|server)/],
    ['src/lib', /^src\/(browser|server|carriers)/],
    ['src/defence', /^src\/(?!defence)/],
    ['src/browser/transports', /^src\/(carriers|browser\/(rum|decide))/],
    ['src/browser/decide', /^src\/browser\/(rum|transports)/],
    ['src/browser/rum', /^src\/browser\/(transports|decide)/],
  ])('%s imports nothing from %s', (folder, forbidden) => {
    const inside = files.filter((file) => file.startsWith(`${folder}/`))
    const wrong = inside.flatMap((file) =>
      importsOf(file)
        .filter((name) => forbidden.test(name))
        .map((name) => `${file} → ${name}`),
    )
    expect(inside).not.toEqual([])
    expect(wrong).toEqual([])
  })
})
