// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
// TypeScript 7 has no API that reads source.
import * as ts from '@typescript/typescript6'
import { expect, it } from 'vitest'

const FOLDER = 'test/browser'
/** Files that still have page code in strings. */
const ALLOWED: string[] = []

/** Scripts of a page, among the options of `openPage` and the members of a `PageDefinition`. A `module` has imports. */
const SCRIPTS = ['before', 'between', 'inInit', 'inInitScript', 'after', 'plugins', 'correlation']

/** The texts that a string is put together from. */
function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) {
    return [node.text]
  }
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]
  }
  return ts.isBinaryExpression(node) ? [...textsOf(node.left), ...textsOf(node.right)] : []
}

/** Scripts that are functions may be put together by semicolons. */
const isCode = (text: string) => /[^\s;]/.test(text)

/** The expression that is page code, if the node is where a test gives some. */
function pageCodeOf(node: ts.Node): ts.Expression | undefined {
  const isEvaluated =
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === 'evaluate'
  if (isEvaluated) {
    return node.arguments[0]
  }
  const isScript = ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && SCRIPTS.includes(node.name.text)
  return isScript ? node.initializer : undefined
}

/** The lines of a file on which page code stands in a string. */
function stringsOfPageCode(text: string): string[] {
  const source = ts.createSourceFile('test.ts', text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node) => {
    const code = pageCodeOf(node)
    if (code !== undefined && textsOf(code).some(isCode)) {
      found.push(`line ${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

it.each([
  [`page.evaluate(\`fetch("\${url}")\`)`, 1],
  ["page.evaluate<string>('window.name')", 1],
  ["page.evaluate('a' + b)", 1],
  ['openPage({ before: `window.name = "a"` })', 1],
  ["visit({ correlation: `['/agent']` })", 1],
  ['page.evaluate(() => window.name)', 0],
  [`page.run(({ url }) => fetch(url), { url: \`\${origin}/agent\` })`, 0],
  [`openPage({ before: \`\${inPage(one)};\${inPage(other)}\` })`, 0],
  ['openPage({ before: () => {}, module: `import "a"` })', 0],
])('%s has page code in %i strings', (text, count) => {
  expect(stringsOfPageCode(text)).toHaveLength(count)
})

it('browser tests send functions to their pages, which TypeScript checks, and no strings', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const found = files
    .filter((name) => !ALLOWED.includes(name))
    .flatMap((name) => stringsOfPageCode(readFileSync(join(FOLDER, name), 'utf8')).map((line) => `${name}, ${line}`))
  expect(files).not.toEqual([])
  expect(found).toEqual([])
})
