import { readFileSync } from 'node:fs'

/** What docs/clients.md and the pages beside it say about a client. */
export interface Entry {
  client: string
  /** The call of `llmCorrelation`. */
  correlation: string
  /** The module that makes the client. */
  module: string
  /** Where the id stands, as the table says it. */
  places: string[]
  /** The versions of its packages, as the table says them. */
  versions: Record<string, string>
}

const table = readFileSync('docs/clients.md', 'utf8')
const sections = ['models', 'agents', 'http'].map((page) => readFileSync(`docs/clients-${page}.md`, 'utf8')).join('\n')

const withoutCode = (text: string) => text.trim().replace(/^`(.*)`$/, '$1')

const codeOf = (section: string) => [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code as string)

/** Rows of the table that has a column `version`. */
function* rows(): Generator<[client: string, versions: string, place: string]> {
  const [, lines = ''] = /\n\| client \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)/.exec(table) ?? []
  for (const line of lines.trim().split('\n')) {
    const [, client = '', versions = '', , place = ''] = line.split('|').map((cell) => cell.trim())
    yield [client.replace(/^\[(.*)\]\(.*\)$/, '$1'), versions, place]
  }
}

/** Every entry of the table, by the name in the heading of its section. */
export const ENTRIES: ReadonlyMap<string, Entry> = new Map(
  [...rows()].map(([client, versions, place]) => {
    const [, section = ''] = sections.split(`\n## ${client}\n`).map((text) => text.split('\n## ')[0])
    const [correlation = '', module = ''] = codeOf(section)
    return [
      client,
      {
        client,
        correlation,
        module,
        places: place.split(', ').map((text) => text.replace(/`/g, '')),
        versions: Object.fromEntries(
          versions.split(', ').map((text) => text.split(' ').map(withoutCode) as [string, string]),
        ),
      },
    ]
  }),
)
