import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/startDemo.mjs'
import { launchBrowser } from '../support/browser.js'
import { ChatPage } from './chatPage.js'

let browser: Browser
let demo: Demo
beforeAll(async () => {
  browser = await launchBrowser()
  demo = await startDemo({ wordDelay: 2 })
})
afterAll(async () => {
  await browser?.close()
  await demo?.close()
})

test('the view leads from a RUM session to its own LLM traces alone, and from a trace to its session', async () => {
  const other = await ChatPage.open(browser, demo)
  await other.ask('Where is my order 1001?', { carrier: 'body', client: 'fetch' })
  await other.spansOf('Where is my order 1001?')
  const chat = await ChatPage.open(browser, demo)
  await chat.ask('Where is my order 1002?', { carrier: 'query', client: 'XHR' })
  await chat.spansOf('Where is my order 1002?')
  const own = chat.card(`RUM session ${await chat.rumSessionId()}`)
  const ownTrace = chat.card('LLM trace: Where is my order 1002?')
  const otherTrace = chat.card('LLM trace: Where is my order 1001?')
  await ownTrace.waitFor()
  await otherTrace.waitFor()

  await own.getByRole('button', { name: 'LLM Traces 1' }).click()
  await otherTrace.waitFor({ state: 'hidden' })
  expect(await ownTrace.isVisible()).toBe(true)

  await chat.button('show all').click()
  await otherTrace.getByRole('button', { name: 'RUM Session' }).click()
  const lit = chat.card(`RUM session ${await other.rumSessionId()}`)
  expect(await lit.getAttribute('class')).toContain('flash')

  await chat.lastAnswer.getByRole('button', { name: 'LLM trace' }).click()
  expect(await ownTrace.getAttribute('class')).toContain('flash')
  await Promise.all([chat.close(), other.close()])
})

test('the view leads from one call in a RUM session to its own LLM trace', async () => {
  const chat = await ChatPage.open(browser, demo)
  for (const carrier of ['query', 'trace-tags'] as const) {
    const message = `When does order 1003 arrive? (${carrier})`
    await chat.ask(message, { carrier, client: 'fetch' })
    await chat.spansOf(message)
    const trace = chat.card(`LLM trace: ${message}`)
    await trace.waitFor()
    const session = chat.card(`RUM session ${await chat.rumSessionId()}`)
    await session.getByRole('button', { name: `POST /${carrier}/chat` }).click()
    await chat.button('LLM trace of this call').click()
    expect(await trace.getAttribute('class')).toContain('flash')
  }
  await chat.close()
})

test('a page that is opened later shows what has been received before', async () => {
  const chat = await ChatPage.open(browser, demo)
  await chat.card('LLM trace: Where is my order 1002?').waitFor()
  await chat.close()
})
