import { expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.js'
import { running } from '../support/running.js'
import { ChatPage } from './chatPage.js'
import { startQuickDemo } from './quickDemo.js'

const browser = running(() => launchBrowser())
const demo = running(() => startQuickDemo())

/** What a jump has led to: it has the focus, and lights up. */
async function expectReached(locator: ReturnType<ChatPage['card']>) {
  await locator.and(locator.page().locator('.flash')).waitFor()
  expect(await locator.evaluate((element) => element.ownerDocument.activeElement === element)).toBe(true)
}

test('the view leads from a RUM session to its own LLM traces alone, and from a trace to its session', async () => {
  const other = await ChatPage.open(browser(), demo())
  await other.ask('Where is my order 1001?', { carrier: 'body', client: 'fetch' })
  await other.spansOf('Where is my order 1001?')
  const chat = await ChatPage.open(browser(), demo())
  await chat.ask('Where is my order 1002?', { carrier: 'query', client: 'XHR' })
  await chat.spansOf('Where is my order 1002?')
  const own = chat.card(`RUM session ${await chat.rumSessionId()}`)
  const ownTrace = chat.card('LLM trace: Where is my order 1002?')
  const otherTrace = chat.card('LLM trace: Where is my order 1001?')
  await ownTrace.waitFor()
  await otherTrace.waitFor()

  await own.getByRole('button', { name: 'LLM Traces 1' }).click()
  await otherTrace.waitFor({ state: 'hidden' })
  await expectReached(ownTrace)

  await chat.button('show all').click()
  await otherTrace.getByRole('button', { name: 'RUM Session' }).click()
  await expectReached(chat.card(`RUM session ${await other.rumSessionId()}`))

  await chat.lastAnswer.getByRole('button', { name: 'LLM trace' }).click()
  await expectReached(ownTrace)
  await Promise.all([chat.close(), other.close()])
})

test('a trace of one’s own shows up although another session’s traces were all that was shown', async () => {
  const other = await ChatPage.open(browser(), demo())
  await other.ask('Where is my order 1001, again?', { carrier: 'body', client: 'fetch' })
  const chat = await ChatPage.open(browser(), demo())
  const otherSession = chat.card(`RUM session ${await other.rumSessionId()}`)
  await otherSession.getByRole('button', { name: 'LLM Traces 1' }).click()
  await chat.ask('Where is my order 1003?', { carrier: 'body', client: 'fetch' })
  await chat.card('LLM trace: Where is my order 1003?').waitFor()
  await Promise.all([chat.close(), other.close()])
})

test.each([
  ['query', 'fetch', 'Fetch', 'query'],
  ['trace-tags', 'fetch', 'Fetch', 'trace-tags'],
  ['baggage', 'XHR', 'XHR', 'baggage'],
  ['body', 'EventSource', 'Stream', 'query'],
  ['body', 'WebSocket', 'Socket', 'query'],
] as const)(
  'a call by %s and %s has a row that says so, leads to its own LLM trace, and back',
  async (carrier, client, label, badge) => {
    const chat = await ChatPage.open(browser(), demo())
    const message = `When does order 1003 arrive? (${carrier}, ${client})`
    await chat.ask('Another one, before?', { carrier, client })
    await chat.ask(message, { carrier, client })
    await chat.spansOf(message)
    const trace = chat.card(`LLM trace: ${message}`)
    await trace.waitFor()
    const session = chat.card(`RUM session ${await chat.rumSessionId()}`)
    const rows = session.getByRole('button', { name: new RegExp(`^${label} /${carrier}/chat ${badge}`) })
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(2)
    const row = rows.first()

    await row.click()
    await chat.button('LLM trace of this call').click()
    await expectReached(trace)
    await trace.getByRole('button', { name: 'Call', exact: true }).click()
    await expectReached(row)
    await row.locator('..').getByRole('button', { name: 'Trace', exact: true }).click()
    await expectReached(trace)
    await chat.close()
  },
)

test('feedback shows on the trace that it is about and on the session that it comes from', async () => {
  const chat = await ChatPage.open(browser(), demo())
  const message = 'Can I return a grinder, please?'
  await chat.ask(message, { carrier: 'body', client: 'fetch' })
  await chat.lastAnswer.getByRole('button', { name: 'Not helpful' }).click()

  const id = await chat.rumSessionId()
  const trace = chat.card(`LLM trace: ${message}`)
  await trace.getByText(`Feedback: Not helpful, by session ${id.slice(0, 8)}`).waitFor()
  const session = chat.card(`RUM session ${id}`)
  const row = session.locator('li', { has: chat.page.getByRole('button', { name: 'Voted Not helpful' }) })
  await row.getByRole('button', { name: 'Trace' }).click()
  await expectReached(trace)
  await chat.close()
})

test('clicks in the chat are actions of the RUM session, clicks on the panels around it are not', async () => {
  const chat = await ChatPage.open(browser(), demo())
  await chat.choose('Without the plugin')
  await chat.choose('With the plugin')
  await chat.ask('Where is my order 1001, please?', { carrier: 'query', client: 'fetch' })
  const trace = chat.card('LLM trace: Where is my order 1001, please?')
  await trace.getByRole('button', { name: 'RUM Session' }).click()
  await trace.getByRole('button', { name: 'agent order_support_agent' }).click()
  await chat.button('Close').click()
  await chat.lastAnswer.getByRole('button', { name: 'Helpful', exact: true }).click()

  const session = chat.card(`RUM session ${await chat.rumSessionId()}`)
  await session.getByRole('button', { name: 'Action Helpful' }).waitFor()
  expect(await session.getByRole('button', { name: /^Action/ }).allInnerTexts()).toEqual([
    expect.stringContaining('Helpful'),
    expect.stringContaining('Send'),
  ])
  await chat.close()
})

test('the latest call is the first row, and the own session and the latest trace are the first cards', async () => {
  const chat = await ChatPage.open(browser(), demo())
  for (const message of ['The first?', 'The second?']) {
    await chat.ask(message, { carrier: message === 'The first?' ? 'body' : 'query', client: 'fetch' })
    await chat.spansOf(message)
  }
  await chat.card('LLM trace: The second?').waitFor()
  const id = await chat.rumSessionId()
  const rows = chat.page
    .locator('#sessions-list .card')
    .first()
    .getByRole('button', { name: /^Fetch/ })
  await expect
    .poll(() => rows.allInnerTexts().then((texts) => texts.map((text) => text.split('\n')[1])))
    .toEqual(['/query/chat', '/body/chat'])
  expect(await chat.page.locator('#sessions-list .card').first().getAttribute('aria-label')).toBe(`RUM session ${id}`)
  expect(await chat.page.locator('#traces-list .card').first().getAttribute('aria-label')).toBe(
    'LLM trace: The second?',
  )
  await chat.close()
})

test('a trace is titled by its question from its first span on, and a long one in two lines', async () => {
  const chat = await ChatPage.open(browser(), demo())
  await chat.page.evaluate(`
    titles = new Set()
    new MutationObserver(() => {
      for (const title of document.querySelectorAll('#traces-list .title')) titles.add(title.textContent)
    }).observe(document.querySelector('#traces-list'), { childList: true, subtree: true })`)
  const message = `Where is my order 1002? ${'It is long ago. '.repeat(110)}`.trim()
  await chat.ask(message, { carrier: 'query', client: 'fetch' })
  await chat.spansOf(message)
  const trace = chat.page.locator('#traces-list .card').first()
  await trace.getByText('agent', { exact: true }).waitFor()
  const titles = (await chat.page.evaluate('[...titles]')) as string[]
  expect(titles).toContain(message)
  expect(titles.filter((title) => /You answer customers|OpenAI|createChat/.test(title))).toEqual([])
  const height = await trace.locator('.title').evaluate((title) => title.clientHeight)
  expect(height).toBeLessThan(50)
  await chat.close()
})

test('sessions have colours of their own, and pointing at one of its ids lights them all', async () => {
  const chat = await ChatPage.open(browser(), demo())
  await chat.ask('Where is my order 1001, lit?', { carrier: 'query', client: 'fetch' })
  await chat.lane('with').traced.locator('[data-id]').waitFor()
  const id = await chat.rumSessionId()
  const hues = (await chat.page.evaluate(`
    [...document.querySelectorAll('#sessions-list .card')].map((card) => card.style.getPropertyValue('--hue'))`)) as string[]
  expect(hues.length).toBeGreaterThan(3)
  expect(new Set(hues).size).toBe(hues.length)

  const lit = () =>
    chat.page.evaluate(`
      [...document.querySelectorAll('[data-id]')]
        .filter((element) => getComputedStyle(element).getPropertyValue('--lit') === '1')
        .map(({ dataset }) => dataset.id)`) as Promise<string[]>
  const places = await chat.page.locator(`[data-id="${id}"]`).count()
  expect(places).toBeGreaterThanOrEqual(6)
  expect(await lit()).toEqual([])
  await chat.lane('with').added.locator('[data-id]').hover()
  expect(await lit()).toEqual(Array(places).fill(id))
  await chat.page.getByRole('heading', { level: 1 }).hover()
  expect(await lit()).toEqual([])
  await chat.lastAnswer.getByRole('button', { name: id.slice(0, 8) }).focus()
  expect(await lit()).toEqual(Array(places).fill(id))
  await chat.close()
})

test('what a call brings is said as it is: user and account only while someone is signed in', async () => {
  const chat = await ChatPage.open(browser(), demo())
  const needed = chat.page.locator('#needed')
  await chat.page.locator('#composer').getByText('baggage', { exact: true }).click()
  expect(await needed.innerText()).toContain('The call brings a header\n')
  await chat.signInAs('Ada, Nordlicht Café')
  expect(await needed.innerText()).toContain('The call brings a header, with user and account')
  await chat.choose('Without the plugin')
  expect(await needed.innerText()).toBe('The call brings nothing of the session')
  await chat.close()
})

test('a page that is opened later shows what has been received before', async () => {
  const chat = await ChatPage.open(browser(), demo())
  await chat.card('LLM trace: Where is my order 1002?').first().waitFor()
  await chat.close()
})
