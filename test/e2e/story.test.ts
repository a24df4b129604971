import { beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.js'
import { running } from '../support/running.js'
import { type Carrier, ChatPage, type Client } from './chatPage.js'
import { startQuickDemo } from './quickDemo.js'

const browser = running(() => launchBrowser())

describe.each(['node', 'python'] as const)('with the %s agent', (backend) => {
  const demo = running(() => startQuickDemo({ backend }))

  test.each(['/', '/npm'])(
    'the page %s shows the same question both ways: only with the plugin does a session lead to its trace',
    async (path) => {
      const chat = await ChatPage.open(browser(), demo(), path)
      await chat.button('Ask it both ways').click()
      const [without, through] = [chat.lane('without'), chat.lane('with')]
      await without.traced.getByText(/on \d spans/).waitFor()
      await through.traced.getByText(/on \d spans/).waitFor()
      const id = (await chat.rumSessionId()).slice(0, 8)
      const wrote = '{"message":"Where is my order 1002?"}'

      expect(await without.wrote.innerText()).toContain(wrote)
      expect(await without.added.innerText()).toBe('nothing')
      expect(await without.traced.innerText()).toMatch(/no session_id on \d+ spans?\s+No session leads to it\./)
      expect(await through.wrote.innerText()).toContain(wrote)
      expect(await through.added.innerText()).toMatch(new RegExp(`^body field\\s+{"session_id":"${id}","message"`))
      await expect.poll(() => through.traced.innerText()).toMatch(new RegExp(`on \\d+ spans\\s+session_id ${id}`))

      const traces = chat.card('LLM trace: Where is my order 1002?')
      // The panel follows the strip.
      await expect.poll(() => traces.first().getByRole('button', { name: 'RUM Session' }).count()).toBe(1)
      await expect.poll(() => traces.nth(1).innerText()).toContain('no RUM session leads here')
      await chat.card(`RUM session`).first().getByRole('button', { name: 'Fetch /body/chat no id' }).waitFor()
      await chat.close()
    },
  )

  test('the plugin is out of the page and in again as one chooses', async () => {
    const chat = await ChatPage.open(browser(), demo())
    const sessionOf = async (mode: 'With the plugin' | 'Without the plugin', carrier: Carrier, client: Client) => {
      const message = `Where is my order 1001? (${mode} ${carrier} ${client} ${chat.viewId})`
      await chat.choose(mode)
      await chat.ask(message, { carrier, client })
      return (await chat.spansOf(message)).map(({ session_id }) => session_id)
    }
    const none = Array(4).fill(undefined)
    expect(await sessionOf('Without the plugin', 'query', 'fetch')).toEqual(none)
    expect(await sessionOf('Without the plugin', 'trace-tags', 'XHR')).toEqual(none)
    const id = await chat.rumSessionId()
    expect(await sessionOf('With the plugin', 'query', 'fetch')).toEqual(Array(4).fill(id))
    expect(await sessionOf('Without the plugin', 'baggage', 'EventSource')).toEqual(none)
    expect(await sessionOf('With the plugin', 'trace-tags', 'XHR')).toEqual(Array(4).fill(id))
    await chat.close()
  })
})

describe('the strip', () => {
  const demo = running(() => startQuickDemo())
  let chat: ChatPage
  beforeAll(async () => {
    chat = await ChatPage.open(browser(), demo())
    await chat.signInAs('Ada, Nordlicht Café')
  })

  test.each([
    ['body', 'fetch', '{"message":"Why?"}', 'body field', '{"session_id":"ID","message":"Why?"}'],
    ['query', 'fetch', '{"message":"Why?"}', 'query parameter', '/query/chat?session_id=ID'],
    ['baggage', 'XHR', '{"message":"Why?"}', 'header baggage', 'session.id=ID,user.id=ada,'],
    ['trace-tags', 'XHR', '{"message":"Why?"}', 'header x-datadog-tags', '_dd.p.llmobs_sid=ID'],
    ['body', 'EventSource', '/body/chat?message=Why%3F', 'query parameter', 'session_id=ID'],
    ['body', 'WebSocket', '/body/chat', 'query parameter', '/body/chat?session_id=ID'],
  ] as const)(
    'says of a call by %s and %s what the page wrote and where the plugin put the id',
    async (carrier, client, wrote, place, text) => {
      await chat.ask('Why?', { carrier, client })
      const lane = chat.lane('with')
      expect(await lane.wrote.innerText()).toContain(wrote)
      const id = await chat.rumSessionId()
      const added = await lane.added.innerText()
      expect(added).toContain(place)
      expect(added).toContain(text.replace('ID', id.slice(0, 8)))
      expect(await lane.added.locator('[data-id]').getAttribute('data-id')).toBe(id)
    },
  )
})

test('when the agent has been killed, the page says so and starts it again, and the question can be asked again', async () => {
  let reason: unknown
  const demo = await startQuickDemo({ onAgentChange: (state) => (reason = state.reason) })
  const chat = await ChatPage.open(browser(), demo)
  await chat.ask('Where is my order 1001?', { carrier: 'query', client: 'fetch' })
  process.kill(demo.agentPid(), 'SIGKILL')
  await chat.page.getByRole('alert').getByText('The agent has stopped (SIGKILL).').waitFor()
  expect(reason).toBe('SIGKILL')

  await chat.send('Where is my order 1002?', { carrier: 'query', client: 'fetch' })
  await chat.lastAnswer.getByText('The agent could not be reached.').waitFor()
  await chat.button('Start it again').click()
  await chat.button('Start it again').waitFor({ state: 'detached' })
  await chat.page.locator('#agent-state:empty').waitFor({ state: 'attached' })
  await chat.lastAnswer.getByRole('button', { name: 'Ask again' }).click()
  const spans = await chat.spansOf('Where is my order 1002?')
  expect(new Set(spans.map(({ session_id }) => session_id))).toEqual(new Set([await chat.rumSessionId()]))
  await chat.close()
  await demo.close()
}, 120_000)

test('with a Datadog account the page points there, and its agent can be started again all the same', async () => {
  const demo = await startQuickDemo()
  const context = await browser().newContext()
  // All but the page's settings stays on this machine.
  await context.route('**/config.js', async (route) => {
    const response = await route.fetch()
    const datadog = { site: 'datadoghq.eu', appUrl: 'https://app.datadoghq.eu' }
    await route.fulfill({ response, body: `${await response.text()}\nDEMO.datadog = ${JSON.stringify(datadog)}` })
  })
  const page = await context.newPage()
  await page.goto(demo.url)
  await page.getByRole('button', { name: 'Ask it both ways' }).click()
  await page.getByText('{"session_id":"').waitFor()
  await page.getByText('It is in your Datadog account.').nth(1).waitFor()
  expect(
    await page.getByRole('link', { name: 'Open them in Datadog' }).evaluateAll((links) => links.map(String)),
  ).toEqual([
    'https://app.datadoghq.eu/rum/sessions?query=%40type%3Asession%20service%3Acoffee-shop',
    'https://app.datadoghq.eu/llm/traces?query=%40ml_app%3Aorder-support',
  ])
  process.kill(demo.agentPid(), 'SIGKILL')
  await page.getByRole('button', { name: 'Start it again' }).click()
  await page.locator('#agent-state:empty').waitFor({ state: 'attached' })
  await context.close()
  await demo.close()
}, 120_000)
