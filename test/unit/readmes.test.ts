// @vitest-environment node
import { readFileSync } from 'node:fs'
import { marked, type Token, type Tokens } from 'marked'
import { describe, expect, it } from 'vitest'

interface Outline {
  headings: number[]
  snippets: string[]
  tables: number[][]
  links: string[]
  code: string[]
  text: string
}

function outline(file: string): Outline {
  const text = readFileSync(file, 'utf8')
  const found: Outline = { headings: [], snippets: [], tables: [], links: [], code: [], text }
  marked.walkTokens(marked.lexer(text), (token: Token) => {
    if (token.type === 'heading') {
      found.headings.push(token.depth)
    } else if (token.type === 'code') {
      found.snippets.push(`${token.lang}\n${token.text}`)
    } else if (token.type === 'table') {
      found.tables.push([token.header.length, token.rows.length])
      found.code.push(...(token as Tokens.Table).rows.map(([name]) => name?.text.replace(/\(.*\)/, '').trim() ?? ''))
    } else if ((token.type === 'link' || token.type === 'image') && !/^https:|^#|^README/.test(token.href)) {
      found.links.push(token.href)
    }
  })
  return found
}

const english = outline('README.md')
const spanish = outline('README.es.md')

describe('README.es.md keeps in step with README.md:', () => {
  it.each(['headings', 'snippets', 'tables', 'links'] as const)('%s', (part) => {
    expect(english[part].length).toBeGreaterThan(2)
    expect(spanish[part]).toEqual(english[part])
  })

  it('names of options and carriers', () => {
    const names = ({ code }: Outline) => code.filter((cell) => /^`.*`$/.test(cell))
    expect(names(english).length).toBeGreaterThan(10)
    expect(names(spanish)).toEqual(names(english))
  })

  it('figures', () => {
    const section = ({ text }: Outline, title: string) => text.split(`## ${title}`)[1]?.split('\n## ')[0] ?? ''
    const figures = (text: string) => text.match(/\d+(?:[.,]\d+)?/g)?.map((figure) => figure.replace(',', '.')) ?? []
    const costs = figures(section(english, 'What it costs'))
    expect(costs.length).toBeGreaterThan(5)
    expect(figures(section(spanish, 'Lo que cuesta'))).toEqual(costs)
  })
})
