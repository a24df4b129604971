import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { openPage, type TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, placesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()
const POLICY = [
  "default-src 'none'",
  "script-src 'nonce-page'",
  "connect-src 'self'",
  // Firefox fetches an icon.
  'img-src data:',
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')
const HASH = Object.values(JSON.parse(readFileSync('dist/sri.json', 'utf8')) as Record<string, string>)[0] as string

/** Opens a page whose policy takes no script but those that it names, no text as code and no call to another origin. */
async function openStrict(name: string, integrity: string): Promise<TestPage> {
  const path = `/strict/${name}`
  const html = `<!doctype html><meta charset="utf-8"><title>Strict</title><link rel="icon" href="data:,">
    <script nonce="page">
      window.violations = []
      addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI))
    </script>
    <script nonce="page" src="/files/node_modules/@datadog/browser-rum/bundle/datadog-rum.js"></script>
    <script nonce="page" src="/files/dist/rum-llm-correlation.iife.js" integrity="${integrity}" crossorigin="anonymous"></script>
    <script nonce="page">
      DD_RUM.init({
        applicationId: '00000000-0000-4000-8000-000000000000',
        clientToken: 'pub00000000000000000000000000000000',
        sessionReplaySampleRate: 0,
        telemetrySampleRate: 0,
        proxy: '${stage.site.origin}/rum-intake',
        plugins: window.DD_LLM_CORRELATION ? [DD_LLM_CORRELATION.llmCorrelation(${ENTRY_PER_CARRIER})] : [],
      })
    </script>`
  stage.site.respond(path, (_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': POLICY }).end(html),
  )
  return openPage(stage.browser, stage.site.origin + path)
}

let page: TestPage
beforeAll(async () => {
  page = await openStrict('right', HASH)
})

it.each(CARRIERS)(
  'carrier %s works under a strict policy with Trusted Types, and breaks nothing of it',
  async (carrier) => {
    const id = await page.sessionId()
    const path = `/agent/${carrier}/strict`
    await page.evaluate(`fetch('${path}', { method: 'POST', body: '{"a":1}' }).then((response) => response.text())`)
    expect(placesOf(await stage.site.only(path), id)).toHaveLength(1)
    expect(await page.evaluate('violations')).toEqual([])
    expect(page.errors).toEqual([])
  },
)

it('what the policy forbids stays forbidden', async () => {
  const url = `${stage.secure.origin}/agent/body/forbidden`
  expect(await page.evaluate(`fetch('${url}').then(() => 'sent', (error) => error.name)`)).toBe('TypeError')
  expect(await page.evaluate<string[]>('violations')).toEqual([`connect-src ${url}`])
})

it('a bundle that is not the one of the hash does not run, and calls go out as made', async () => {
  const other = await openStrict('wrong', `sha384-${'A'.repeat(64)}`)
  await other.sessionId()
  expect(await other.evaluate('typeof DD_LLM_CORRELATION')).toBe('undefined')
  await other.evaluate("fetch('/agent/query/wrong').then((response) => response.text())")
  expect((await stage.site.only('/agent/query/wrong')).query).toBeUndefined()
  await other.close()
})
