// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
// The API of TypeScript 7 reads no source.
import * as ts from '@typescript/typescript6'
import { expect, it } from 'vitest'

/** Types whose members are reasons: all that a RUM event may say. */
const REASONS = ['Reason', 'Locked']
/** Two words: all that is printed has them, and next to nothing else in the source. */
const IS_PROSE = /[a-z]{2,}[^a-z]* [^a-z]*[a-z]{2,}/i

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) {
    return node.text
  }
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left), textOf(node.right)]
    return left !== undefined && right !== undefined ? left + right : undefined
  }
  return undefined
}

function saidBySource(): Set<string> {
  const said = new Set<string>()
  const visit = (node: ts.Node) => {
    const text = textOf(node)?.replace(/…+/g, '…')
    if (text !== undefined && IS_PROSE.test(text)) {
      said.add(text)
    }
    if (ts.isBinaryExpression(node) && text !== undefined) {
      return
    }
    if (ts.isTypeAliasDeclaration(node) && REASONS.includes(node.name.text) && ts.isUnionTypeNode(node.type)) {
      for (const member of node.type.types) {
        if (ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal)) {
          said.add(member.literal.text)
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  for (const name of readdirSync('src/browser', { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts')) {
      visit(ts.createSourceFile(name, readFileSync(join('src/browser', name), 'utf8'), ts.ScriptTarget.Latest, true))
    }
  }
  return said
}

/** The first cells of the tables. */
function documented(): Set<string> {
  const rows = readFileSync('docs/console.md', 'utf8').matchAll(/^\| `([^`]+)` \|/gm)
  return new Set([...rows].map(([, text]) => text as string))
}

it('docs/console.md has each message and reason of the page half, and no other', () => {
  expect([...documented()].sort()).toEqual([...saidBySource()].sort())
})
