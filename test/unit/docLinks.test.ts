// @vitest-environment node
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { marked, type Token } from 'marked'
import { describe, expect, it } from 'vitest'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(file))
const { files: packed } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] }
const isPacked = (path: string) =>
  /^(README[^/]*|LICENSE|package\.json)$/.test(path) ||
  packed.some((entry) => path === entry || path.startsWith(`${entry}/`))

interface Parsed {
  links: string[]
  anchors: string[]
}

const parsed = new Map<string, Parsed>()
function parse(file: string): Parsed {
  const known = parsed.get(file)
  if (known) {
    return known
  }
  const links: string[] = []
  const anchors: string[] = []
  marked.walkTokens(marked.lexer(readFileSync(file, 'utf8')), (token: Token) => {
    if (token.type === 'link' || token.type === 'image') {
      links.push(token.href)
    } else if (token.type === 'html') {
      links.push(...[...token.raw.matchAll(/ (?:src|srcset|href)="([^"]+)"/g)].map(([, url]) => url as string))
      anchors.push(...[...token.raw.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id as string))
    } else if (token.type === 'heading') {
      anchors.push(anchorOf(token.text, anchors))
    }
  })
  parsed.set(file, { links, anchors })
  return { links, anchors }
}

/** As GitHub makes it: letters, digits, `-` and `_` stay, and what was there already gets a number. */
function anchorOf(heading: string, before: string[]): string {
  const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')
  const anchor = plain
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-')
  const same = before.filter((other) => other === anchor || new RegExp(`^${anchor}-\\d+$`).test(other)).length
  return same ? `${anchor}-${same}` : anchor
}

describe.each(files)('%s', (file) => {
  const { links } = parse(file)
  const own = links.filter((link) => !/^[a-z]+:/i.test(link))

  it('has no link without a target', () => {
    const broken = own.filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path ? normalize(join(dirname(file), path)) : file
      return !existsSync(target) || (anchor && !parse(target).anchors.includes(anchor))
    })
    expect(broken).toEqual([])
  })

  it('links within the package, if it is in it', () => {
    const outside = own
      .map((link) => link.replace(/#.*/, ''))
      .filter((path) => path && isPacked(file) && !isPacked(normalize(join(dirname(file), path))))
    expect(outside).toEqual([])
  })
})
