import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { openPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

const BUNDLE = readFileSync('dist/rum-llm-correlation.iife.js', 'utf8')
const CHANGED = BUNDLE.replace('session_id', 'session-id')
const HASH = JSON.parse(readFileSync('dist/sri.json', 'utf8'))['rum-llm-correlation.iife.js']

const page = (attributes: string, agent: string) => `<!doctype html>
<link rel="icon" href="data:,">
<script nonce="page" src="/files/node_modules/@datadog/browser-rum/bundle/datadog-rum.js"></script>
<script ${attributes} src="/bundle.js"></script>
<script nonce="page">
  DD_RUM.init({
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    telemetrySampleRate: 0,
    proxy: '/rum-intake',
    plugins: window.DD_LLM_CORRELATION ? [DD_LLM_CORRELATION.llmCorrelation({ origins: ['${agent}'], startupTimeout: 60_000 })] : [],
  })
  fetch('${agent}', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"message":"hi"}' })
</script>`

/** Serves the page and the bundle under a policy that allows what is named, and nothing else, and returns what the agent gets. */
async function callUnder(policy: string, attributes: string, bundle: string, name: string) {
  const agent = `/agent/${name}`
  stage.site.respond('/bundle.js', (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'no-store' }).end(bundle),
  )
  stage.site.respond('/page.html', (_request, response) =>
    response
      .writeHead(200, {
        'Content-Type': 'text/html',
        'Content-Security-Policy': `default-src 'none'; connect-src 'self'; img-src data:; script-src 'nonce-page' ${policy}; require-trusted-types-for 'script'; trusted-types 'none'`,
      })
      .end(page(attributes, agent)),
  )
  const opened = await openPage(stage.browser, `${stage.site.origin}/page.html`)
  const { text } = await stage.site.only(agent)
  const complaints = [...opened.console, ...opened.errors]
  await opened.close()
  return { text, complaints }
}

describe.each([
  ['by nonce', '', `nonce="page" integrity="${HASH}"`],
  ['by hash', `'${HASH}'`, `integrity="${HASH}"`],
])('a page with a strict policy, the bundle allowed %s', (how, policy, attributes) => {
  const name = how.replace(' ', '-')

  it('has its calls correlated', async () => {
    const { text, complaints } = await callUnder(policy, attributes, BUNDLE, `${name}/published`)
    expect(text).toMatch(/^\{"session_id":"[0-9a-f-]{36}","message":"hi"\}$/)
    expect(complaints).toEqual([])
  })

  it('does not run a bundle with one byte changed, and its calls go out', async () => {
    expect(CHANGED).not.toBe(BUNDLE)
    const { text, complaints } = await callUnder(policy, attributes, CHANGED, `${name}/changed`)
    expect(text).toBe('{"message":"hi"}')
    // What the browser itself says of it: Chromium once, Firefox twice; WebKit's driver does not tell.
    const areOfIntegrity = new Set(complaints.map((complaint) => complaint.includes('integrity')))
    expect([...areOfIntegrity]).toEqual(ENGINE === 'webkit' ? [] : [true])
  })
})
