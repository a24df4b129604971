// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { sessionIdIn } from '../../../src/server/uuid.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const OTHER = '7b6f0c52-5b0e-4f0b-8a43-3f1f4a0a2b11'

describe('a session id', () => {
  it.each([ID, ID.toUpperCase(), '00000000-0000-0000-0000-000000000000'])('is %s', (value) => {
    expect(sessionIdIn([value])).toBe(value)
  })

  it.each([
    '',
    'chat-1',
    ` ${ID}`,
    `x${ID}`,
    `${ID} `,
    `${ID}\n`,
    `${ID}0`,
    ID.slice(1),
    ID.slice(0, -1),
    ID.replaceAll('-', ''),
    ID.replace('0d2a', '0g2a'),
    ID.replace('3f0b', '3g0b'),
    ID.replace('2e1f', '2e1g'),
    ID.replace('3f0b', '3f0'),
    ID.replace('-3f0b', ''),
    5,
    null,
    { toString: () => ID },
  ])('is not %j', (value) => {
    expect(sessionIdIn([value, [value]])).toBeUndefined()
  })

  it.each<[unknown[]]>([
    [[ID, OTHER]],
    [[undefined, '', ID, OTHER]],
    [['no', ID, [OTHER]]],
    [[[ID, OTHER], OTHER]],
    [[['no', 5, ID]]],
    [[[], ['no'], ID]],
  ])('is the first of %j', (values) => {
    expect(sessionIdIn(values)).toBe(ID)
  })

  it('is none in no values', () => {
    expect(sessionIdIn([])).toBeUndefined()
  })
})
