import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { type TestPage, visit } from '../../support/page.js'
import { inPage, type PageScript, scriptSource } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

const BUNDLE = readFileSync('dist/rum-llm-correlation.iife.js', 'utf8')
const CHANGED = BUNDLE.replace('session_id', 'session-id')
const HASH = JSON.parse(readFileSync('dist/sri.json', 'utf8'))['rum-llm-correlation.iife.js'] as string

interface StrictPage {
  /** What the site has as the bundle. Default: the one that is published. */
  bundle?: string
  /** What the policy allows beside scripts with the nonce of the page. */
  allowed?: string
  /** Attributes of the bundle's tag, beside its URL. */
  attributes: string
  /** Runs right after `init`, in the same script. */
  inInit?: PageScript
}

/** In the page: notes what its policy refuses. */
function noteViolations(): void {
  window.noted = []
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    noted.push(`${violatedDirective} ${blockedURI}`),
  )
}

/** In the page: starts RUM, with the plugin if that is there. */
function start({ origins }: { origins: typeof ENTRIES }): void {
  const hasPlugin = 'DD_LLM_CORRELATION' in window
  DD_RUM.init({
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    sessionReplaySampleRate: 0,
    telemetrySampleRate: 0,
    proxy: '/rum-intake',
    plugins: hasPlugin ? [DD_LLM_CORRELATION.llmCorrelation({ origins, startupTimeout: 60_000 })] : [],
  })
}

let pages = 0

/** Opens a page whose policy takes no script but those that it names, no text as code and no call to another origin. */
async function openStrict({ bundle = BUNDLE, allowed = '', attributes, inInit }: StrictPage): Promise<TestPage> {
  const path = `/strict/${++pages}`
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-page' ${allowed}`,
    "connect-src 'self'",
    // Firefox fetches an icon.
    'img-src data:',
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
  const html = `<!doctype html><meta charset="utf-8"><title>Strict</title><link rel="icon" href="data:,">
    <script nonce="page">${inPage(noteViolations)}</script>
    <script nonce="page" src="/files/node_modules/@datadog/browser-rum/bundle/datadog-rum.js"></script>
    <script src="${path}.js" ${attributes} crossorigin="anonymous"></script>
    <script nonce="page">
      ${inPage(start, { origins: ENTRIES })};
      ${inInit === undefined ? '' : scriptSource(inInit)}
    </script>`
  const { site } = servers
  site.respond(`${path}.js`, (_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'no-store' }).end(bundle),
  )
  site.respond(path, (_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy }).end(html),
  )
  return visit(servers.browser, site.origin + path, servers.idle)
}

describe.each([
  ['by nonce', '', `nonce="page" integrity="${HASH}"`],
  ['by hash', `'${HASH}'`, `integrity="${HASH}"`],
])('a page with a strict policy, the bundle allowed %s', (how, allowed, attributes) => {
  /** What arrives of a call that the page makes in the script of `init`, and what the console has. */
  async function callWith(bundle: string) {
    const path = `/agent/body/${how.replace(' ', '-')}/${++pages}`
    const inInit = inPage(
      ({ path }) =>
        fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"message":"hi"}' }),
      { path },
    )
    const page = await openStrict({ bundle, allowed, attributes, inInit })
    const { text } = await servers.site.only(path)
    const complaints = [...page.console, ...page.errors]
    await page.close()
    return { text, complaints }
  }

  it('has its calls correlated', async () => {
    const { text, complaints } = await callWith(BUNDLE)
    expect(text).toMatch(/^\{"session_id":"[0-9a-f-]{36}","message":"hi"\}$/)
    expect(complaints).toEqual([])
  })

  it('does not run a bundle with one byte changed, and its calls go out', async () => {
    expect(CHANGED).not.toBe(BUNDLE)
    const { text, complaints } = await callWith(CHANGED)
    expect(text).toBe('{"message":"hi"}')
    // What the browser itself says of it: Chromium once, Firefox twice; WebKit's driver does not tell.
    const areOfIntegrity = new Set(complaints.map((complaint) => complaint.includes('integrity')))
    expect([...areOfIntegrity]).toEqual(ENGINE === 'webkit' ? [] : [true])
  })
})

describe('under a strict policy with Trusted Types', () => {
  let page: TestPage
  beforeAll(async () => {
    page = await openStrict({ attributes: `nonce="page" integrity="${HASH}"` })
  })
  afterAll(() => page?.close())

  it.each(CARRIERS)('carrier %s works, and breaks nothing of it', async (carrier) => {
    const id = await page.sessionId()
    const path = `/agent/${carrier}/strict`
    await page.run(({ path }) => fetch(path, { method: 'POST', body: '{"a":1}' }).then((r) => r.text()), { path })
    expect(placesOf(await servers.site.only(path), id)).toHaveLength(1)
    expect(await page.run(() => noted)).toEqual([])
    expect(page.errors).toEqual([])
  })

  it('what the policy forbids stays forbidden', async () => {
    const url = `${servers.secure.origin}/agent/body/forbidden`
    const outcome = await page.run(
      ({ url }) =>
        fetch(url).then(
          () => 'sent',
          (error) => error.name,
        ),
      { url },
    )
    expect(outcome).toBe('TypeError')
    expect(await page.run(() => noted)).toEqual([`connect-src ${url}`])
  })
})

it('a bundle that is not the one of the hash does not run, and calls go out as made', async () => {
  const page = await openStrict({ attributes: `nonce="page" integrity="sha384-${'A'.repeat(64)}"` })
  await page.sessionId()
  expect(await page.run(() => typeof DD_LLM_CORRELATION)).toBe('undefined')
  await page.run(() => fetch('/agent/query/wrong').then((response) => response.text()))
  expect((await servers.site.only('/agent/query/wrong')).query).toBeUndefined()
  await page.close()
})
