// @vitest-environment node
import { expect, it } from 'vitest'
import { attributesOf } from '../../../src/otel/attributesOf.js'

const TAGS = { 'gen_ai.system': 'openai' }

it.each<[name: string, span: object, expected: object]>([
  ['its own', { attributes: TAGS, _ddSpan: { context: () => ({ _tags: { other: 1 } }) } }, TAGS],
  ["the tags of dd-trace's span within", { _ddSpan: { context: () => ({ getTags: () => TAGS }) } }, TAGS],
  ['the same of an older dd-trace', { _ddSpan: { context: () => ({ _tags: TAGS }) } }, TAGS],
  ['none if that has no tags', { _ddSpan: { context: () => ({}) } }, {}],
  ['none if that has no context', { _ddSpan: { context: () => undefined } }, {}],
  ['none of another kind of span', {}, {}],
])('the attributes of a span are %s', (_name, span, expected) => {
  expect(attributesOf(span)).toStrictEqual(expected)
})
