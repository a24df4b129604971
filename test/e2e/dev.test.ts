import { type ChildProcess, spawn } from 'node:child_process'
import { utimesSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { launchBrowser } from '../support/browser.js'

let dev: ChildProcess
let output = ''
let url: string
beforeAll(async () => {
  dev = spawn(process.execPath, ['demo/dev.mjs'], { env: { ...process.env, PORT: '0' } })
  dev.stdout?.on('data', (data) => (output += data))
  dev.stderr?.on('data', (data) => (output += data))
  await vi.waitFor(() => expect(output).toMatch(/Built/), { timeout: 120_000, interval: 100 })
  url = /http:\S+(?=\/ and)/.exec(output)?.[0] as string
})
afterAll(() => {
  dev?.kill('SIGKILL')
})

it.each([
  ['of the source, which is built again', 'src/index.ts', true],
  ["of the demo's style", 'demo/public/demo.css', false],
])(
  'an open page reloads after a change %s',
  async (_what, file, builds) => {
    const browser = await launchBrowser()
    const page = await browser.newPage()
    await page.goto(`${url}/`)
    await page.waitForFunction('window.DD_RUM && window.DD_LLM_CORRELATION')
    await page.evaluate('window.isOld = true')
    const before = output.length
    const reloaded = page.waitForEvent('load', { timeout: 100_000 })
    utimesSync(file, new Date(), new Date())
    await reloaded
    expect(await page.evaluate('window.isOld')).toBeUndefined()
    expect(/Built/.test(output.slice(before))).toBe(builds)
    await browser.close()
  },
  120_000,
)

it('a signal ends all of it', async () => {
  const ended = new Promise((resolve) => dev.once('exit', resolve))
  dev.kill('SIGTERM')
  expect(await ended).toBe(0)
  await expect(fetch(url)).rejects.toThrow()
})
