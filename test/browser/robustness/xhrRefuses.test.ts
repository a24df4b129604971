/** @module-tag quick */
import { describe, expect, it } from 'vitest'
import { openPage } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

describe('an XHR that refuses what the plugin changes goes out as the page made it', () => {
  it.each([
    ['query', 'open', 'session_id=', 'x-two', '2'],
    ['baggage', 'setRequestHeader', 'session.id', 'baggage', 'a=1'],
    ['trace-tags', 'setRequestHeader', 'llmobs_sid', 'x-datadog-tags', '_dd.p.a=1'],
  ] as const)('%s', async (carrier, method, ours, name, value) => {
    const refuse = inPage(
      ({ method, ours }) => {
        const native = XMLHttpRequest.prototype[method]
        XMLHttpRequest.prototype[method] = function (...args: unknown[]) {
          if (String(args[1]).includes(ours)) throw new Error('on purpose')
          Reflect.apply(native, this, args)
        }
      },
      { method, ours },
    )
    const page = await openPage({ before: refuse, plugin: ENTRIES })
    await page.sessionId()
    const path = `/agent/${carrier}/refused`
    await page.run(
      ({ path, name, value }) =>
        new Promise((resolve) => {
          const xhr = new XMLHttpRequest()
          xhr.open('POST', path)
          xhr.setRequestHeader('x-one', '1')
          xhr.setRequestHeader(name, value)
          xhr.onloadend = resolve
          xhr.send('text')
        }),
      { path, name, value },
    )
    const request = await servers.site.only(path)
    expect(request.text).toBe('text')
    if (method === 'open') expect(request.url).toBe(path)
    expect([request.header('x-one'), request.header(name)]).toEqual(['1', value])
    expect(page.errors).toEqual([])
    await page.close()
  })
})
