import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** The code block of a document that has `text` in it. */
export function snippet(language: string, text: string, document = 'README.md'): string {
  const blocks = [...readFileSync(document, 'utf8').matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(
    ([, name, code]) => name === language && code?.includes(text),
  )
  expect(blocks).toHaveLength(1)
  return blocks[0]?.[2] as string
}
