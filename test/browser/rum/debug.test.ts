import { describe, expect, it } from 'vitest'
import { FETCH_CLIENTS, sendPair } from '../../support/calls.js'
import type { Source } from '../../support/page.js'
import { PATIENTLY, useStage } from '../../support/stage.js'

const stage = useStage()

describe('debug', () => {
  it('prints one line per matching call: method, URL without its query, carrier and field, or the reason', async () => {
    const page = await stage.open({
      correlation: `{ debug: true, origins: [{ match: '/agent/b', field: 'sid' }, { match: '/agent/q', carrier: 'query' }, { match: '/agent/h', carrier: 'baggage' }] }`,
    })
    await page.sessionId()
    const linesOf = async (call: Source) => {
      const before = page.console.length
      await page.evaluate(`(async () => { await ${call} })()`)
      await page.evaluate("console.info('the end')")
      await expect.poll(() => page.console.at(-1), PATIENTLY).toContain('the end')
      return page.console.slice(before, -1)
    }
    const expectLine = async (call: Source, ...parts: RegExp[]) => {
      const lines = await linesOf(call)
      expect(lines, call).toHaveLength(1)
      for (const part of parts) {
        expect(lines[0]).toMatch(part)
      }
      expect(lines[0]).not.toContain('secret')
    }
    await expectLine(
      `fetch('/agent/b/1?a=secret', { method: 'POST', body: '{}' })`,
      /Datadog Browser SDK/,
      /POST/,
      /\/agent\/b\/1/,
      /body/,
      /\bsid\b/,
    )
    await expectLine(
      `fetch(new Request('/agent/b/2?a=secret', { method: 'PUT', body: '{}' }))`,
      /PUT/,
      /\/agent\/b\/2/,
      /body/,
    )
    await expectLine(`fetch('/agent/b/3?a=secret')`, /GET/, /\/agent\/b\/3/, /query/, /\bsid\b/)
    await expectLine(`fetch('/agent/q?a=secret')`, /GET/, /query/, /session_id/)
    await expectLine(`fetch('/agent/h?a=secret')`, /GET/, /baggage/)
    await expectLine(
      `new Promise((resolve) => { const xhr = new XMLHttpRequest(); xhr.open('DELETE', '/agent/h/x?a=secret'); xhr.onloadend = resolve; xhr.send() })`,
      /DELETE/,
      /\/agent\/h\/x/,
      /baggage/,
    )
    await page.evaluate('DD_RUM.stopSession()')
    await page.waitFor('DD_RUM.getInternalContext() === undefined')
    await expectLine(`fetch('/agent/b/4?a=secret')`, /GET/, /\/agent\/b\/4/, /session/)
    await page.close()
  })

  it('is silent unless asked for', async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    await page.sessionId()
    for (const client of [...FETCH_CLIENTS, 'XHR'] as const) {
      await sendPair(page, stage.site, { client, method: 'POST', body: { as: 'string', text: '{}' } })
    }
    expect(page.console).toEqual([])
    await page.close()
  })
})
