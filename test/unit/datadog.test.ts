// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
// The models are what the client makes requests of; it exports them by no other name.
import { ObjectSerializer } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/models/ObjectSerializer.js'
import { describe, expect, it } from 'vitest'

const folder = 'docs/datadog'
const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
const read = (file: string) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
const modelOf = (file: string) => (file === 'dashboard.json' ? 'Dashboard' : 'Monitor')

/** Where a model has something that it does not know: a wrong value, a member of no such name. */
function unknownsIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) {
    return []
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    (name === '_unparsed' && inner) || name === 'additionalProperties' || name === '_data'
      ? [`${path}.${name}: ${JSON.stringify(inner)}`]
      : unknownsIn(inner, `${path}.${name}`),
  )
}

const parse = (json: unknown, model: string) => ObjectSerializer.deserialize(json, model, '')

it('there are a dashboard and two monitors', () => {
  expect(files.sort()).toEqual(['dashboard.json', 'monitor-calls-without-id.json', 'monitor-failing-calls.json'])
})

describe.each(files)('%s', (file) => {
  it("is known whole to the models of Datadog's API", () => {
    expect(unknownsIn(parse(read(file), modelOf(file)))).toEqual([])
  })

  it('says the same after the models have read and written it', () => {
    expect(ObjectSerializer.serialize(parse(read(file), modelOf(file)), modelOf(file), '')).toEqual(read(file))
  })

  it("asks for nothing of the plugin's that RUM's events do not have", () => {
    const written = readFileSync('src/browser/outcome.ts', 'utf8')
    const names = [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/llm_correlation\.(\w+)/g)].map(
      ([, name]) => name,
    )
    expect(names.length).toBeGreaterThan(1)
    expect(names.filter((name) => !written.includes(name as string))).toEqual([])
  })
})

describe('the models', () => {
  it.each<[string, (dashboard: ReturnType<typeof read>) => void]>([
    ['a widget of no such type', (dashboard) => (dashboard.widgets[0].definition.type = 'notes')],
    ['a member of no such name', (dashboard) => (dashboard.widgets[0].definition.contents = 'text')],
    [
      'an aggregation of no such name',
      (dashboard) =>
        (dashboard.widgets[1].definition.widgets[0].definition.requests[0].queries[0].compute.aggregation = 'cuont'),
    ],
  ])('do not know %s', (_, spoil) => {
    const dashboard = read('dashboard.json')
    spoil(dashboard)
    expect(unknownsIn(parse(dashboard, 'Dashboard'))).not.toEqual([])
  })
})

const queriesIn = (value: unknown): Array<{ name: string }> =>
  typeof value !== 'object' || value === null
    ? []
    : 'data_source' in value
      ? [value as unknown as { name: string }]
      : Object.values(value).flatMap(queriesIn)

it.each(files.filter((file) => file.startsWith('monitor')))('%s computes with its own queries', (file) => {
  const { query, options } = read(file)
  const [, formula = ''] = /^formula\("(.*)"\)\.last\("1h"\) > \d+$/.exec(query) ?? []
  expect(formula.match(/[a-z]\w*/g)?.sort()).toEqual(
    queriesIn(options)
      .map(({ name }) => name)
      .sort(),
  )
})
