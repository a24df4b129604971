/** @module-tag quick */

import { describe, expect, it } from 'vitest'
import type { LlmCorrelationOptions } from '../../../src/index.js'
import { arrives } from '../../support/arrives.js'
import { openPage } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'

describe('a wrong entry', () => {
  it.each([
    'agent.example.com',
    'localhost:3000',
    'agent.example.com:443/v1',
    'https://agent.example.com/?a=1',
    'https://agent.example.com/#a',
    '/api?a=1',
    '',
    'https://',
  ])('%j is named in a console error, and the others still work', async (entry) => {
    const page = await openPage({ plugin: [entry, '/v1/chat'] })
    const id = await page.sessionId()
    expect(await arrives(page, '/v1/chat')).toBe(id)
    const errors = page.console.filter((message) => message.startsWith('error:'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(entry)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each<unknown>([
    null,
    undefined,
    42,
    true,
    {},
    [],
    { match: 42 },
    { match: '/v1', carrier: 'header' },
    { match: '/v2', field: 1 },
  ])('%j makes a console error, and the others still work', async (entry) => {
    const page = await openPage({ plugin: [entry as never, '/v1/chat'] })
    const id = await page.sessionId()
    expect(await arrives(page, '/v1/chat')).toBe(id)
    expect(page.console.filter((message) => message.startsWith('error:'))).toHaveLength(1)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each<unknown>([undefined, null, 42, '/v1', [], {}, { origins: [] }, { origins: '/v1' }, () => 1])(
    'llmCorrelation(%s) makes a console error, and RUM starts all the same',
    async (options) => {
      const page = await openPage({
        plugins: inPage(({ options }) => [DD_LLM_CORRELATION.llmCorrelation(options as never)], { options }),
      })
      await page.sessionId()
      expect(await arrives(page, '/plain')).toBeUndefined()
      expect(page.console.filter((message) => message.startsWith('error:')).length).toBeGreaterThan(0)
      expect(page.errors).toEqual([])
      await page.close()
    },
  )

  it('whose members throw when read does not stop RUM', async () => {
    const trap = () =>
      new Proxy({} as never, {
        get() {
          throw new Error('on purpose')
        },
        has() {
          throw new Error('on purpose')
        },
      })
    const rows: Array<{ options: (makeTrap: typeof trap) => LlmCorrelationOptions; takes?: true }> = [
      { options: (makeTrap) => makeTrap() },
      { options: (makeTrap) => ({ origins: makeTrap() }) },
      { options: (makeTrap) => ({ origins: [makeTrap(), '/v1/chat'] }), takes: true },
      {
        options: () => ({
          origins: [
            {
              get match(): string {
                throw new Error('on purpose')
              },
            },
          ],
        }),
      },
    ]
    for (const { options, takes } of rows) {
      const page = await openPage({
        plugins: inPage(({ options, trap }) => [DD_LLM_CORRELATION.llmCorrelation(options(trap))], { options, trap }),
      })
      const id = await page.sessionId()
      expect(await arrives(page, '/v1/chat')).toBe(takes ? id : undefined)
      expect(page.errors).toEqual([])
      await page.close()
    }
  })
})
