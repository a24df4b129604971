// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
// The API of TypeScript 7 reads no source.
import * as ts from '@typescript/typescript6'
import { describe, expect, it } from 'vitest'

/** Types whose members are reasons: on RUM's events, and in the console's lines of `debug`. */
const REASONS = ['Reason', 'Locked', 'Fallback']

/** The reasons as the source has them. */
function reasonsOfSource(): string[] {
  const found: string[] = []
  const visit = (node: ts.Node) => {
    if (ts.isTypeAliasDeclaration(node) && REASONS.includes(node.name.text) && ts.isUnionTypeNode(node.type)) {
      for (const member of node.type.types) {
        if (ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal)) {
          found.push(member.literal.text)
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
  return found
}

describe('docs/console.md has a row for each reason', () => {
  const rows = [...readFileSync('docs/console.md', 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map(([, id]) => id)

  it.each(reasonsOfSource())('%s', (reason) => {
    expect(rows).toContain(reason)
  })

  it('and for no reason on the RUM event that there is not', () => {
    const onEvent = rows.filter((id) => /^[a-z]+(_[a-z]+)+$/.test(id ?? ''))
    expect(onEvent.length).toBeGreaterThan(3)
    expect(reasonsOfSource()).toEqual(expect.arrayContaining(onEvent))
  })
})
