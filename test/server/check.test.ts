import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { register } from 'rum-llm-correlation/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen } from '../../demo/listen.mjs'
import { runCli, statesOf } from '../support/command.js'
import { running } from '../support/running.js'

const PAGE = 'https://app.example.com'
const IDS = 'x-datadog-parent-id, x-datadog-tags, x-datadog-trace-id'
const ALL = `content-type, baggage, ${IDS}`

/** Starts a server for the tests of a group, and closes it after them. */
function serving(handle: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  let url = ''
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) {
      body += chunk
    }
    handle(request, response, body)
  })
  beforeAll(async () => {
    url = await listen(server, 0)
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  return () => url
}

/** A server of its own process, started with the line, that answers each request alike. */
async function startUpstream() {
  const script = `
    const server = require('node:http').createServer((request, response) => response.end('{}'))
    server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port))`
  const child = spawn(process.execPath, ['--import', 'rum-llm-correlation/register', '-e', script], {
    env: { ...process.env, RUM_LLM_SERVER_TIMING: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
  return { url: String(line).trim(), close: () => child.kill() }
}

/** Answers a preflight, and sets what all answers have to have. */
function allow(request: IncomingMessage, response: ServerResponse, headers: string, origin = PAGE): boolean {
  response.setHeader('Access-Control-Allow-Origin', origin)
  response.setHeader('Access-Control-Allow-Headers', headers)
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end()
  }
  return request.method === 'OPTIONS'
}

const check = (url: string, ...args: string[]) => runCli(['check', url, '--origin', PAGE, ...args])

describe('a server that allows the headers which its path names', () => {
  const url = serving((request, response) => {
    const headers = new URL(request.url ?? '', 'http://server').searchParams.get('allow') ?? ''
    if (!allow(request, response, headers)) {
      response.end('{}')
    }
  })
  const ask = (headers: string, ...args: string[]) =>
    check(`${url()}/chat?allow=${encodeURIComponent(headers)}`, '--json', ...args)

  it.each([
    ['content-type', { body: 'ok', query: 'ok', baggage: 'failed', 'trace-tags': 'failed' }],
    ['content-type, baggage', { body: 'ok', query: 'ok', baggage: 'ok', 'trace-tags': 'failed' }],
    [`Content-Type, ${IDS}`, { body: 'ok', query: 'ok', baggage: 'failed', 'trace-tags': 'ok' }],
    [ALL, { body: 'ok', query: 'ok', baggage: 'ok', 'trace-tags': 'ok' }],
    ['*', { body: 'ok', query: 'ok', baggage: 'ok', 'trace-tags': 'ok' }],
    ['baggage', { body: 'failed', query: 'failed', baggage: 'failed', 'trace-tags': 'failed' }],
  ])('%s: the carriers that get through', async (headers, expected) => {
    const result = await ask(headers)
    expect(statesOf(result, 'carriers')).toEqual(expected)
    expect(result.status).toBe(Object.values(expected).includes('ok') ? 0 : 1)
  })

  it('takes a wildcard for no leave where cookies go along, and wants leave for these', async () => {
    const result = await ask('*', '--credentials')
    expect(new Set(Object.values(statesOf(result, 'carriers')))).toEqual(new Set(['failed']))
    expect(result.stdout).toContain('Access-Control-Allow-Credentials: true')
  })

  it('names the header that is missing, and the whole line to answer with', async () => {
    const { stdout, status } = await check(`${url()}/chat?allow=content-type`, '--carrier', 'baggage')
    expect(stdout).toContain('✗ baggage')
    expect(stdout).toContain('→ Answer with Access-Control-Allow-Headers: content-type, baggage')
    expect(status).toBe(1)
  })

  it('says which line to paste', async () => {
    const { stdout } = await check(`${url()}/chat?allow=content-type`)
    expect(stdout).toContain(`Paste into origins:\n\n  '${url()}/chat',\n`)
  })

  it('has no colours where there is no terminal', async () => {
    const { stdout } = await check(`${url()}/chat?allow=content-type`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours begin with.
    expect(stdout).not.toMatch(/\x1b/)
  })
})

describe('a server that redirects', () => {
  const url = serving((request, response) => {
    const { pathname, searchParams, search } = new URL(request.url ?? '', 'http://server')
    const [, status, keep] = pathname.split('/')
    if (allow(request, response, ALL, searchParams.get('from') ?? '*')) {
      return
    }
    if (Number(status) > 300) {
      response.writeHead(Number(status), { Location: `${searchParams.get('to') ?? '/chat'}${keep ? search : ''}` })
    }
    response.end('{}')
  })
  const elsewhere = serving((request, response) => {
    if (!allow(request, response, 'content-type', '*')) {
      response.end('{}')
    }
  })
  const HEADERS = { baggage: 'ok', 'trace-tags': 'ok' }

  it.each([
    ['/301', { body: 'failed', query: 'failed', ...HEADERS }],
    ['/302', { body: 'failed', query: 'failed', ...HEADERS }],
    ['/303', { body: 'failed', query: 'failed', ...HEADERS }],
    ['/307', { body: 'ok', query: 'failed', ...HEADERS }],
    ['/308', { body: 'ok', query: 'failed', ...HEADERS }],
    ['/302/keep', { body: 'failed', query: 'ok', ...HEADERS }],
    ['/307/keep', { body: 'ok', query: 'ok', ...HEADERS }],
  ])('%s: the carriers that get through', async (path, expected) => {
    const result = await check(url() + path, '--json')
    expect(statesOf(result, 'carriers')).toEqual(expected)
    expect(statesOf(result, 'redirects')).toEqual({ [path.slice(1, 4)]: 'note' })
  })

  it('says with what the id is lost', async () => {
    const { stdout } = await check(`${url()}/302`)
    expect(stdout).toMatch(/✗ body .* the id is lost with the body/)
    expect(stdout).toMatch(/✗ query .* does not take the query along/)
  })

  it('takes baggage for a call whose body and query do not come through', async () => {
    const { stdout } = await check(`${url()}/302`)
    expect(stdout).toContain(`{ match: '${url()}/302', carrier: 'baggage' },`)
  })

  it('asks the server of another origin, too, which may allow other headers', async () => {
    const result = await check(`${url()}/307?to=${elsewhere()}/chat`, '--json')
    const expected = { body: 'ok', query: 'failed', baggage: 'failed', 'trace-tags': 'failed' }
    expect(statesOf(result, 'carriers')).toEqual(expected)
  })

  it('knows that browsers then call themselves null', async () => {
    const back = `${url()}/chat?from=${PAGE}`
    const result = await check(`${url()}/307?to=${encodeURIComponent(back.replace('127.0.0.1', 'localhost'))}`)
    expect(result.stdout).toContain(`Access-Control-Allow-Origin is ${PAGE}, and the page's origin is null`)
    expect(result.status).toBe(1)
  })
})

describe('a server that redirects preflights, or does not know them', () => {
  const url = serving((request, response) => {
    const status = Number(/\d+/.exec(request.url ?? ''))
    response.writeHead(request.method === 'OPTIONS' ? status : 200, { Location: '/new' }).end()
  })

  it.each([
    [308, 'the preflight is redirected (308)', '/new itself'],
    [404, 'the preflight is answered with 404', 'Answer OPTIONS with 204'],
    [405, 'the preflight is answered with 405', `Access-Control-Allow-Origin: ${PAGE}`],
    [200, 'the answer has no Access-Control-Allow-Origin', `Access-Control-Allow-Origin: ${PAGE}`],
  ])('%s', async (status, message, todo) => {
    const result = await check(`${url()}/${status}`)
    expect(result.stdout).toContain(`✗ call        ${message}`)
    expect(result.stdout).toContain(todo)
    expect(result.stdout).toContain("it fails as the page's own call does")
    expect(result.status).toBe(1)
  })
})

describe('a server that refuses the preflight for a header, as Starlette and FastAPI do', () => {
  const url = serving((request, response) => {
    const isRefused = /baggage|x-datadog/.test(request.headers['access-control-request-headers'] ?? '')
    response.setHeader('Access-Control-Allow-Origin', PAGE)
    response.setHeader('Access-Control-Allow-Headers', 'content-type')
    response.writeHead(isRefused ? 400 : 200).end(isRefused ? 'Disallowed CORS headers' : 'OK')
  })

  it('gives its words, and the line to answer with', async () => {
    const { stdout, status } = await check(`${url()}/chat`)
    expect(stdout).toMatch(/✗ baggage .*answered with 400: Disallowed CORS headers/)
    expect(stdout).toContain(
      '→ Answer OPTIONS with 204 and the headers of CORS: Access-Control-Allow-Headers: content-type, baggage\n',
    )
    expect(status).toBe(0)
  })
})

describe('an entry of origins', () => {
  const url = serving((request, response) => {
    if (!allow(request, response, ALL)) {
      response.end('{}')
    }
  })

  it('that takes the URL is marked as well', async () => {
    const result = await check(`${url()}/api/chat?a=1`, '--json', '--entry', `${url()}/api`, '--entry', url())
    expect(statesOf(result, 'entries')).toEqual({ [`'${url()}/api'`]: 'ok', [`'${url()}'`]: 'ok' })
    expect(result.status).toBe(0)
  })

  it.each([
    ['https://127.0.0.1/api/chat', 'its scheme and its port are not those of the URL'],
    ['/api/chat', "its scheme, its host and its port are not those of the URL, for it means the page's own origin"],
    ['api/chat', 'is no entry'],
    ['https://*.example.com', 'is no entry'],
  ])('%s does not take it: says why', async (entry, why) => {
    const { stdout, status } = await check(`${url()}/api/chat`, '--entry', entry)
    expect(stdout).toContain(`✗ '${entry}'`)
    expect(stdout).toContain(why)
    expect(stdout).toContain(`→ Write: '${url()}/api/chat',`)
    expect(status).toBe(1)
  })

  it('of another path does not take it', async () => {
    const { stdout } = await check(`${url()}/api/chat`, '--entry', `${url()}/api/cha`)
    expect(stdout).toContain('its path is neither that of the URL nor one above it')
  })

  it("of a path is one of the page's own origin", async () => {
    const { status, stdout } = await runCli(['check', '/api/chat', '--origin', url(), '--entry', '/api'])
    expect(stdout).toContain("✓ '/api'")
    expect(status).toBe(0)
  })
})

describe('--send, to a server with the server half', () => {
  // What a gateway does to a request on its way.
  const url = serving((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server')
    response.setHeader('Timing-Allow-Origin', searchParams.has('closed') ? 'null' : '*')
    if (allow(request, response, ALL)) {
      return
    }
    const isStrict = pathname === '/strict' || pathname === '/path'
    const isRefused = isStrict && body !== '' && 'session_id' in JSON.parse(body)
    response.writeHead(isRefused ? 422 : 200).end(isRefused ? '{"detail":"Extra inputs are not permitted"}' : '{}')
  })
  let end: () => void
  beforeAll(() => {
    end = register({ serverTiming: true })
  })
  afterAll(() => end())

  it('sees that the call is answered with the id as without it, and which trace it has', async () => {
    const result = await check(`${url()}/chat`, '--send', '--carrier', 'baggage', '--data', '{"message":"hi"}')
    expect(result.stdout).toContain('✓ baggage        200, with the id as without it')
    expect(result.stdout).toMatch(/✓ Server-Timing {2}the answer says its trace: \d+/)
    expect(result.status).toBe(0)
  })

  it('sees that a strict schema refuses the field, and then pastes another line', async () => {
    const result = await check(`${url()}/strict`, '--send')
    expect(result.stdout).toContain('✗ body           422 with the id, 200 without it: {"detail":"Extra inputs')
    expect(result.stdout).toContain('--field metadata.session_id')
    expect(result.stdout).not.toContain('does not say its trace')
    expect(result.stdout).toContain(`{ match: '${url()}/strict', carrier: 'baggage' },`)
    expect(result.status).toBe(1)
  })

  it('sees that a field within a member is taken', async () => {
    const result = await check(`${url()}/path`, '--send', '--field', 'metadata.session_id')
    expect(result.stdout).toContain('✓ body')
    expect(result.stdout).toContain(`{ match: '${url()}/path', field: 'metadata.session_id' },`)
    expect(result.status).toBe(0)
  })

  it('says that the page may not read the trace without Timing-Allow-Origin', async () => {
    const { stdout } = await check(`${url()}/chat?closed=1`, '--send', '--carrier', 'query')
    expect(stdout).toContain(`→ Answer with Timing-Allow-Origin: ${PAGE}`)
  })

  it.each([
    ['GET, whose id goes by the query', ['--method', 'GET']],
    ['a form', ['--header', 'Content-Type: application/x-www-form-urlencoded', '--data', 'a=1']],
  ])('takes %s', async (_, args) => {
    const { status, stdout } = await check(`${url()}/chat`, '--send', ...args)
    expect(stdout).toContain('200, with the id as without it')
    expect(status).toBe(0)
  })
})

describe('--send, through a gateway', () => {
  // A process of its own: the gateway has no server half.
  const upstream = running(() => startUpstream())
  // Passes on what it knows: neither the parameter nor unknown headers, nor, with /tidy, members of the body.
  const url = serving(async (request, response, body) => {
    if (allow(request, response, ALL)) {
      return
    }
    if (request.method === 'HEAD') {
      return // as some gateways do
    }
    const { message } = JSON.parse(body)
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (request.url?.startsWith('/headers')) {
      headers.baggage = String(request.headers.baggage ?? '')
    }
    const answer = await fetch(`${upstream().url}/chat`, { method: 'POST', headers, body: JSON.stringify({ message }) })
    response.setHeader('Timing-Allow-Origin', '*')
    response.setHeader('Server-Timing', answer.headers.get('Server-Timing') ?? '')
    response.end(await answer.text())
  })
  it('tells the carrier that something between drops from one that arrives', async () => {
    const { stdout, status } = await check(
      `${url()}/headers`,
      ...['--send', '--carrier', 'query', '--carrier', 'baggage', '--data', '{"message":"hi"}'],
    )
    expect(stdout).toContain('✗ query          the server half did not get the id by it: something between drops it')
    expect(stdout).toContain('✓ Server-Timing  the answer says its trace')
    expect(stdout).toContain("carrier: 'baggage'")
    expect(status).toBe(1)
  })

  it('says what it may be when no answer says its trace', async () => {
    const { stdout } = await check(`${url()}/none`, '--send', '--data', '{"message":"hi"}', '--carrier', 'baggage')
    expect(stdout).toContain('! Server-Timing  the answer does not say its trace (baggage)')
    expect(stdout).toContain('RUM_LLM_SERVER_TIMING=1')
  })
})

describe('below the line to paste', () => {
  const url = serving((_request, response) => response.end('{}'))
  const below = async (...args: string[]) => (await runCli(['check', '/chat', '--origin', url(), ...args])).stdout

  it('stands what to try next', async () => {
    expect(await below()).toContain('add --send')
    const sent = await below('--send')
    expect(sent).not.toContain('add --send')
    expect(sent).toContain('npx rum-llm-correlation doctor')
  })
})

describe("the page's own origin", () => {
  const url = serving((_request, response) => response.end('{}'))

  it('asks for no leave, and has a path as its line', async () => {
    const result = await runCli(['check', '/api/chat', '--origin', url(), '--json'])
    expect(statesOf(result, 'carriers')).toEqual({ body: 'ok', query: 'ok', baggage: 'ok', 'trace-tags': 'ok' })
    expect(JSON.parse(result.stdout).origins).toBe("'/api/chat',")
    expect(result.status).toBe(0)
  })
})

describe('what it is asked', () => {
  it.each([
    [[], 'Name a command.'],
    [['chekc'], 'There is no command chekc.'],
    [['check'], 'Name the URL that the page calls.'],
    [['check', 'http://127.0.0.1:1/'], 'Name the origin of the page'],
    [['check', 'http://127.0.0.1:1/', '--origin', PAGE], 'cannot be reached'],
    [['check', 'http://127.0.0.1:1/', '--origin', PAGE, '--carrier', 'boby'], 'boby is no carrier'],
    [['check', 'http://127.0.0.1:1/', '--origin', PAGE, '--header', 'nothing'], "write 'name: value'"],
    [['check', 'http://u:p@127.0.0.1:1/', '--origin', PAGE], 'a user or password'],
    [['check', 'ftp://127.0.0.1/', '--origin', PAGE], 'is no URL that a page calls'],
    [['check', 'http://127.0.0.1:1/', '--orgin', PAGE], '--orgin'],
    [['check', 'http://127.0.0.1:1/', '--origin', PAGE, '--method', 'GET', '--data', 'x'], 'no body with GET'],
  ])('%j: says what is wrong, and where help is', async (args, message) => {
    const { status, stderr, stdout } = await runCli(args)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/--help/)
    expect(stdout).toBe('')
    expect(status).toBe(1)
  })

  it.each([[['--help']], [['check', '--help']], [['doctor', '--help']]])('%j: helps', async (args) => {
    const { status, stdout } = await runCli(args)
    expect(stdout).toMatch(/^Usage: rum-llm-correlation /)
    expect(status).toBe(0)
  })

  it('lets no page of https call http', async () => {
    const { stdout } = await check('http://agent.example.com/chat', '--json')
    expect(stdout).toContain('Call it by https.')
  })
})
