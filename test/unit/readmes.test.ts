// @vitest-environment node
import { readFileSync } from 'node:fs'
import { marked } from 'marked'
import { expect, it } from 'vitest'

const headingDepths = (file: string) =>
  marked.lexer(readFileSync(file, 'utf8')).flatMap((token) => (token.type === 'heading' ? [token.depth] : []))

it('README.es.md has the headings of README.md', () => {
  const english = headingDepths('README.md')
  expect(english.length).toBeGreaterThan(5)
  expect(headingDepths('README.es.md')).toEqual(english)
})
