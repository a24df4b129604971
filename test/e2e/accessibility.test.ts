import { createRequire } from 'node:module'
import type { BrowserContextOptions } from 'playwright-core'
import { expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.js'
import { running } from '../support/running.js'
import { ChatPage } from './chatPage.js'
import { startQuickDemo } from './quickDemo.js'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const wide = { width: 1280, height: 800 }
const narrow = { width: 375, height: 812 }

const browser = running(() => launchBrowser())
const demo = running(() => startQuickDemo())

const open = (options: BrowserContextOptions) => ChatPage.open(browser(), demo(), '/', options)

/** Asks both ways, and waits until everything about it has been received. */
async function askBothWays(chat: ChatPage) {
  await chat.button('Ask it both ways').click()
  await chat.lane('without').traced.getByText('on 4 spans').waitFor()
  await chat.lane('with').traced.getByText('on 4 spans').waitFor()
  await chat.page.locator('.row', { hasText: 'no id' }).first().waitFor({ state: 'attached' })
  await chat.page.locator('.badge', { hasText: 'body' }).first().waitFor({ state: 'attached' })
}

/** Where the page's own feedback shows on its trace. */
const feedbackOf = (chat: ChatPage) =>
  chat.page.getByText(/^Feedback: Helpful/).filter({ has: chat.page.locator(`[data-id="${chat.sessionId}"]`) })

/** What axe finds in what is shown now, by state: rule and elements. */
async function violations(chat: ChatPage, state: string): Promise<string[]> {
  const results = (await chat.page.evaluate(`axe.run().then(({ violations }) => violations)`)) as Array<{
    id: string
    nodes: Array<{ target: string[]; failureSummary: string }>
  }>
  return results.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${state}: ${id} ${target.join(' ')} ${failureSummary}`),
  )
}

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 375],
  ['dark', 375],
] as const)(
  'axe finds nothing in any state, %s, %i px wide',
  async (colorScheme, width) => {
    const viewport = width === 375 ? narrow : wide
    const chat = await open({ colorScheme, viewport })
    await chat.page.addScriptTag({ path: axe })
    const found: string[] = []
    const check = async (state: string) => found.push(...(await violations(chat, state)))
    const show = async (panel: string) => {
      if (viewport === narrow) await chat.page.getByRole('tab', { name: panel }).click()
    }

    await check('start')
    await askBothWays(chat)
    await check('asked both ways')
    await chat.choose('Without the plugin')
    await check('without the plugin')
    await chat.choose('With the plugin')
    await chat.lastAnswer.getByRole('button', { name: 'Helpful', exact: true }).click()
    await chat.lastAnswer.getByRole('button', { name: 'LLM trace' }).hover()
    await feedbackOf(chat).waitFor({ state: 'attached' })
    await show('LLM traces')
    await check('traces, with feedback')
    await chat.page.locator('.span', { hasText: 'agent' }).first().click()
    await check('a span in the inspector')
    await chat.button('Close').click()
    await show('RUM sessions')
    await check('sessions')
    await chat.page.locator('.row', { hasText: 'no id' }).first().click()
    await check('an event in the inspector')
    await chat.page.keyboard.press('Escape')
    await chat.page
      .getByRole('button', { name: /LLM Traces/ })
      .first()
      .click()
    await check('filtered')
    await show('Chat')
    await chat.signInAs('Ada, Nordlicht Café')
    await chat.ask('Where is my order 1001?', { carrier: 'baggage', client: 'WebSocket' })
    await chat.ask('Where is my order 1001?', { carrier: 'baggage', client: 'EventSource' })
    await chat.ask(`Where is ${'my order '.repeat(60)}?`, { carrier: 'baggage', client: 'XHR' })
    await check('signed in, other carriers and calls')
    process.kill(demo().agentPid(), 'SIGKILL')
    await chat.button('Start it again').waitFor()
    await chat.send('Where is my order 1001?', { carrier: 'body', client: 'fetch' })
    await chat.lastAnswer.getByText('could not be reached').waitFor()
    await check('without its agent')
    await demo().restartAgent()
    expect(found).toEqual([])
    await chat.close()
  },
  180_000,
)

test.each([wide, narrow, { width: 800, height: 700 }])(
  'nothing is wider than the window or clipped, $width px wide',
  async (viewport) => {
    const chat = await open({ viewport })
    const overflow = () =>
      chat.page.evaluate(`
      [document.documentElement, ...document.querySelectorAll('.panel-body, #welcome *, #composer, .story')]
        .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
        .map((element) => element.outerHTML.slice(0, 80))`)
    expect(await overflow()).toEqual([])
    const welcome = await chat.page.locator('#welcome').boundingBox()
    const log = await chat.page.locator('#log').boundingBox()
    expect(welcome?.y).toBeGreaterThanOrEqual(log?.y ?? Number.NaN)
    if (viewport.height > 700) {
      expect((welcome?.y ?? 0) + (welcome?.height ?? 0)).toBeLessThanOrEqual((log?.y ?? 0) + (log?.height ?? 0))
    }
    await askBothWays(chat)
    expect(await overflow()).toEqual([])
    await chat.close()
  },
)

/** Moves the focus on by a key until it is on something with this name; what scrolls and panels must let it through. */
async function keysTo(chat: ChatPage, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = []
  for (let presses = 0; presses < 150; presses++) {
    await chat.page.keyboard.press(key)
    const focused = (await chat.page.evaluate(`(() => {
      const { activeElement: element } = document
      return element.ariaLabel ?? element.labels?.[0]?.innerText ?? element.innerText ?? ''
    })()`)) as string
    const text = focused.replaceAll(/\s+/g, ' ').trim()
    if (name.test(text)) return
    passed.push(text.slice(0, 40))
  }
  throw new Error(`${key} does not come to ${name}, but to:\n${passed.join('\n')}`)
}

test('the whole story goes by keyboard', async () => {
  const chat = await open({ viewport: wide })
  const { keyboard } = chat.page
  const focusedLabel = () => chat.page.evaluate('document.activeElement.ariaLabel ?? document.activeElement.innerText')

  await keysTo(chat, /^Ask it both ways$/)
  await keyboard.press('Enter')
  await chat.lane('without').traced.getByText('on 4 spans').waitFor()
  await chat.lane('with').traced.getByText('on 4 spans').waitFor()
  const id = await chat.rumSessionId()
  const session = chat.card(`RUM session ${id}`)
  await session.getByRole('button', { name: 'Fetch /body/chat body' }).waitFor()
  expect(await focusedLabel()).toBe('')

  await keysTo(chat, /^Session$/, 'Shift+Tab')
  await keyboard.press('Enter')
  expect(await focusedLabel()).toBe(`RUM session ${id}`)
  await keysTo(chat, /^Fetch \/body\/chat body/)
  await keyboard.press('Enter')
  await keysTo(chat, /^LLM trace of this call$/)
  await keyboard.press('Enter')
  expect(await focusedLabel()).toBe('LLM trace: Where is my order 1002?')
  await keysTo(chat, /^Call$/)
  await keyboard.press('Enter')
  expect(await focusedLabel()).toMatch(/^Fetch\s+\/body\/chat\s+body/)
  await keyboard.press('Enter')
  await keyboard.press('Escape')
  expect(await focusedLabel()).toMatch(/^Fetch\s+\/body\/chat\s+body/)
  await keysTo(chat, /^Trace$/)
  await keyboard.press('Enter')
  expect(await focusedLabel()).toBe('LLM trace: Where is my order 1002?')

  await keysTo(chat, /^Helpful$/, 'Shift+Tab')
  await keyboard.press('Enter')
  await feedbackOf(chat).waitFor()

  await keysTo(chat, /^With the plugin$/, 'Shift+Tab')
  await keyboard.press('ArrowUp')
  expect(await chat.page.getByRole('radio', { name: 'Without the plugin' }).isChecked()).toBe(true)
  await keysTo(chat, /^Message$/)
  await keyboard.press('Enter')
  await chat.page.getByRole('article', { name: 'LLM trace: Where is my order 1002?' }).nth(2).waitFor()
  await chat.close()
})

test.each(['plugin', 'trace', 'session', 'span', 'carrier', 'call'])(
  'the first screen explains the word %s in one sentence: on hover, by keyboard, to screen readers',
  async (word) => {
    const chat = await open({ viewport: wide })
    const term = chat.page.locator(`[data-term=${word}]`)
    const shown = chat.page.locator('#explanation')
    await term.hover()
    const sentence = await shown.innerText()
    expect(sentence).toMatch(new RegExp(`^(A|The) ${word} is [^.]+\\.$`))
    await chat.page.locator('h1').hover()
    expect(await shown.isVisible()).toBe(false)
    await term.focus()
    expect(await shown.innerText()).toBe(sentence)
    expect(
      await chat.page.evaluate(
        'document.getElementById(document.activeElement.getAttribute("aria-describedby")).textContent',
      ),
    ).toBe(sentence)
    await chat.page.keyboard.press('Escape')
    expect(await shown.isVisible()).toBe(false)
    await chat.close()
  },
)

test('the keyboard chooses among the panels where one fits', async () => {
  const chat = await open({ viewport: narrow })
  await keysTo(chat, /^Chat$/)
  await chat.page.keyboard.press('ArrowRight')
  await chat.page.locator('#sessions').waitFor()
  await chat.page.keyboard.press('ArrowRight')
  await chat.page.locator('#traces').waitFor()
  await chat.close()
})

test('the focus goes in the order in which things stand', async () => {
  const chat = await open({ viewport: wide })
  await askBothWays(chat)
  await chat.page.locator('h1').click()
  const steps: Array<{ panel: number; top: number; left: number; text: string }> = []
  for (;;) {
    await chat.page.keyboard.press('Tab')
    const step = (await chat.page.evaluate(`(() => {
      const { activeElement: element } = document
      if (element === document.body) return null
      const panels = [...document.querySelectorAll('.top, .story, .panel-head, .panel-body, #composer')]
      const { top, left, height } = element.getBoundingClientRect()
      const scrolled = element.parentElement.closest('.panel-body')?.scrollTop ?? 0
      return {
        panel: panels.findIndex((panel) => panel.contains(element)),
        top: Math.round(top + scrolled), left, text: element.innerText?.slice(0, 40) ?? '',
      }
    })()`)) as (typeof steps)[number] | null
    if (!step) break
    steps.push(step)
  }
  expect(steps.length).toBeGreaterThan(30)
  const wrong = steps.flatMap((step, index) => {
    const before = steps[index - 1]
    if (!before || step.panel > before.panel) return []
    const below = step.top > before.top - 8
    const right = step.left > before.left
    return step.panel === before.panel && below && (right || step.top > before.top) ? [] : [[before, step]]
  })
  expect(wrong).toEqual([])
  await chat.close()
})

test.each([
  ['reduce', 0],
  ['no-preference', 1],
] as const)('with prefers-reduced-motion: %s, things that move: %i', async (reducedMotion, moving) => {
  const chat = await open({ viewport: wide, reducedMotion })
  await askBothWays(chat)
  await chat.lastAnswer.getByRole('button', { name: 'LLM trace' }).click()
  expect(await chat.page.evaluate('document.getAnimations().length')).toBe(moving)
  await chat.close()
})
