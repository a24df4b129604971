// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const PAGES = ['recipes', 'recipes-script-tags', 'recipes-tests', 'nextjs']
const recipes = PAGES.map((page) => readFileSync(`docs/${page}.md`, 'utf8')).join('\n')

/** Each code block that names its file in a comment. The server's half of Next.js names none: `test:e2e` runs it. */
const snippets = [...recipes.matchAll(/<!-- (\S+) -->\n( *)```\w+\n([\s\S]*?)```/g)].map(
  ([, file, indent = '', code = '']) =>
    [
      file,
      code
        .split('\n')
        .map((line) => line.replace(indent, ''))
        .join('\n'),
    ] as const,
)

/** As lines without their indentation, so that a snippet may stand deeper in its file than in the recipe. */
const lines = (text: string) =>
  `\n${text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim()}\n`

describe('the recipes', () => {
  it('are there', () => expect(snippets.length).toBeGreaterThan(15))

  it.each(snippets)('%s has the snippet word for word', (file, code) => {
    expect(lines(readFileSync(`test/stacks/${file}`, 'utf8'))).toContain(lines(code))
  })
})
