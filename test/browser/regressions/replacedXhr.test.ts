import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openPage, type PageOptions } from '../../support/openPage.js'

const XHOOK = readFileSync('node_modules/xhook/dist/xhook.min.js', 'utf8')

const send = (url: string) =>
  new Promise<number>((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', url)
    xhr.onloadend = () => resolve(xhr.status)
    xhr.send()
  })

const withoutPrototype = () => {
  const Native = XMLHttpRequest
  window.XMLHttpRequest = (() => new Native()) as unknown as typeof Native
}

it.each<[string, PageOptions, number]>([
  ['xhook, before RUM', { before: XHOOK }, 1],
  ['xhook, after RUM', { after: XHOOK }, 0],
  ['a function without a prototype', { between: withoutPrototype }, 1],
  ['nothing', {}, 0],
])('XMLHttpRequest replaced by %s: the console says so once, and fetch has the id', async (_, options, lines) => {
  const page = await openPage({ plugin: ['/agent'], ...options })
  const id = await page.sessionId()
  await page.run((url: string) => fetch(url).then(({ status }) => status), '/agent/fetch')
  expect(page.server.requestsTo('/agent/fetch').at(-1)?.query).toBe(`session_id=${id}`)
  const told = page.console.filter((line) => line.includes('replaced XMLHttpRequest'))
  expect(told).toHaveLength(lines)
  if (!lines) {
    expect(await page.run(send, '/agent/xhr')).toBe(200)
    expect(page.server.requestsTo('/agent/xhr').at(-1)?.query).toBe(`session_id=${id}`)
  }
  await page.close()
})
