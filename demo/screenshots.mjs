// @ts-check
// `npm run screenshots` takes the pictures in README and docs of the running demo.
import { mkdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { startDemo } from './startDemo.mjs'

const images = new URL('../docs/images/', import.meta.url)
const maxBytes = 200_000

/** @typedef {{ name: string, colorScheme: 'light' | 'dark', viewport: { width: number, height: number } }} Picture */

/** @type {Picture[]} */
const pictures = [
  { name: 'demo-light.png', colorScheme: 'light', viewport: { width: 1280, height: 826 } },
  { name: 'demo-dark.png', colorScheme: 'dark', viewport: { width: 1280, height: 826 } },
  { name: 'demo-narrow.png', colorScheme: 'light', viewport: { width: 375, height: 812 } },
]

/** Bundles the TypeScript first, because Node.js 20 cannot run it. */
async function importLaunchBrowser() {
  const outfile = fileURLToPath(new URL('../node_modules/.cache/screenshots/browser.mjs', import.meta.url))
  await build({
    entryPoints: [fileURLToPath(new URL('../test/support/browser.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'warning',
  })
  return (await import(outfile)).launchBrowser
}

/**
 * Asks a question both ways, votes for the second answer, and points at a session id.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {Picture} picture
 */
async function takePicture(browser, { name, ...options }) {
  // Each picture has its own demo, so that it shows one session. No account, no real model: no
  // network.
  const { DD_API_KEY, OPENAI_API_KEY, ...env } = process.env
  const demo = await startDemo({ env })
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' })
  try {
    const page = await context.newPage()
    await page.goto(demo.url)
    await page.getByRole('button', { name: 'Ask it both ways' }).click()
    const lane = page.locator('.story [data-mode=with]')
    await lane.getByText('on 4 spans').waitFor()
    await page.getByRole('button', { name: 'Helpful', exact: true }).last().click()
    await page.getByText('Feedback: Helpful').waitFor({ state: 'attached' })
    await page.locator('.row', { hasText: 'Action' }).waitFor({ state: 'attached' })
    await page.evaluate('document.activeElement.blur()')
    await lane.locator('.added [data-id]').hover()
    const path = fileURLToPath(new URL(name, images))
    await page.screenshot({ path })
    const { size } = await stat(path)
    if (size > maxBytes) throw new Error(`${name} has ${size} bytes, more than ${maxBytes}`)
    console.log(`docs/images/${name}  ${Math.round(size / 1000)} kB`)
  } finally {
    await context.close()
    await demo.close()
  }
}

await mkdir(images, { recursive: true })
const launchBrowser = await importLaunchBrowser()
const browser = await launchBrowser()
try {
  for (const picture of pictures) await takePicture(browser, picture)
} finally {
  await browser.close()
}
