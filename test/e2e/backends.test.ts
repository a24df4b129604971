import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pythonCommand } from '../../demo/agentProcess.mjs'
import { startDemo } from '../../demo/startDemo.mjs'
import { preparePackage } from '../../python/environment.mjs'
import { freePort } from '../support/freePort.js'
import { running } from '../support/running.js'
import { snippet } from './snippet.js'

const NODE = 'docs/nodejs.md'
const PYTHON = 'docs/python.md'
const pythonDocument = readFileSync(PYTHON, 'utf8')
const json = { 'content-type': 'application/json' }

/** What a backend is asked: by each carrier, and what must not trouble it. `$ID` and `$MESSAGE` are other ones each time. */
type Request = [what: string, path: string, init: RequestInit, session: boolean]
const requests: Request[] = [
  ['a JSON body', '', { method: 'POST', headers: json, body: '{"session_id":"$ID","message":"$MESSAGE"}' }, true],
  ['a form body', '', { method: 'POST', body: new URLSearchParams('a=1&session_id=$ID&message=$MESSAGE') }, true],
  ['a query parameter', '?session_id=$ID', { method: 'POST', headers: json, body: '{"message":"$MESSAGE"}' }, true],
  ['a query parameter, as a GET', '?session_id=$ID&message=$MESSAGE', {}, true],
  [
    'baggage',
    '',
    { method: 'POST', headers: { ...json, baggage: 'session.id=$ID' }, body: '{"message":"$MESSAGE"}' },
    true,
  ],
  [
    'trace-tags',
    '',
    {
      method: 'POST',
      headers: {
        ...json,
        'x-datadog-trace-id': '123',
        'x-datadog-parent-id': '987654321',
        'x-datadog-tags': '_dd.p.llmobs_sid=$ID',
      },
      body: '{"message":"$MESSAGE"}',
    },
    true,
  ],
  [
    'baggage that has user and account',
    '',
    {
      method: 'POST',
      headers: { ...json, baggage: 'session.id=$ID,user.id=ada,account.id=nordlicht' },
      body: '{"message":"$MESSAGE"}',
    },
    true,
  ],
  ['a JSON body and no session', '', { method: 'POST', headers: json, body: '{"message":"$MESSAGE"}' }, false],
  ['a form body and no session', '', { method: 'POST', body: new URLSearchParams('a=1&message=$MESSAGE') }, false],
  ['no session, as a GET', '?message=$MESSAGE', {}, false],
  [
    'a form whose session_id is none of RUM',
    '',
    { method: 'POST', body: new URLSearchParams('a=1&session_id=form&message=$MESSAGE') },
    false,
  ],
  [
    'a JSON body whose session_id is none of RUM',
    '',
    { method: 'POST', headers: json, body: '{"session_id":"thread-7","message":"$MESSAGE"}' },
    false,
  ],
]
/** Those whose message is in the body, or whose session tells them apart. */
const withBodyOrSession = requests.filter(([, , { method }, session]) => method === 'POST' || session)
/** For servers without a parser of forms. */
const withJson = requests.filter(([, , { body }]) => typeof body === 'string')
/** For servers that have the line at their start, and nothing in their handlers. */
const withoutBody = requests.filter(([what]) => !/^a (JSON|form) body$|user and account/.test(what))
const THREAD = 'thread-7'
/** What the handlers of a conversation are asked. */
const inThread = requests.flatMap(([what, path, init, session]): Request[] =>
  init.method === 'POST' ? [[`${what}, in a thread`, `/threads/${THREAD}${path}`, init, session]] : [],
)

const ECHO = `
  function answerQuestion(message) {
    return tracer.llmobs.trace({ kind: 'tool', name: 'echo' }, () => {
      tracer.llmobs.annotate({ inputData: String(message) })
      return String(message)
    })
  }`

const ECHO_IN_PYTHON = `
async def answer_question(message):
    with LLMObs.tool(name="echo") as span:
        LLMObs.annotate(span, input_data=message.decode())
        return message.decode()
`

// What docs/datadog/recipes.md says of a chat's own thread, in a handler of that thread.
const THREADS = 'docs/datadog/recipes.md'
const inThreadOfNode = () => `
import { rumSessionOf } from 'rum-llm-correlation/server'

const { llmobs } = tracer
app.post('/threads/:threadId', async (request, response) => {
  const { threadId } = request.params
  const { message } = request.body
  ${snippet('js', 'thread_id: threadId', THREADS)}
  response.end()
})
`
const inThreadOfPython = () => `
@app.post("/threads/{thread_id}")
async def in_thread(thread_id: str, request: Request):
    message = await request.body()
    ${snippet('python', 'thread_id', THREADS).trim().replaceAll('\n', '\n    ')}
    return answer
`

const express = () => {
  const listen = 'app.listen('
  return snippet('js', 'express.urlencoded()', NODE).replace(listen, `${inThreadOfNode()}\n${listen}`) + ECHO
}

/** The README's own server, with a handler that does nothing for the session. */
const fastApi = () => `
from ddtrace.llmobs import LLMObs
from fastapi import Request
${snippet('python', 'RumSessionASGI')}

@app.api_route("/chat", methods=["GET", "POST"])
async def chat(request: Request):
    return await answer_question(await request.body())

${inThreadOfPython()}
${ECHO_IN_PYTHON}`

// Whole servers of docs/nodejs.md, and what it says of others in the smallest server that has a place for it.
const inBackends = (text: string) => () => snippet('js', text, NODE) + ECHO

const bare = (more = '') => `
import { createServer } from 'node:http'
import tracer from 'dd-trace'
${more}
createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString()
  response.end(answerQuestion(body + request.url))
}).listen(process.env.PORT)
${ECHO}`

const commonJs = () => bare().replace(/^import (.*) from (.*)$/gm, 'const $1 = require($2)')

const inCode = () => bare(snippet('js', 'register({ field', NODE))

const call = () => `
import { createServer } from 'node:http'
import tracer from 'dd-trace'
import { rumSessionOf } from 'rum-llm-correlation/server'

const { llmobs } = tracer
const answer = answerQuestion
createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString()
  ${snippet('js', 'answer(body)', NODE)}
  response.end()
}).listen(process.env.PORT)
${ECHO}`

const nest = () => {
  const server = `
import 'reflect-metadata'
import { All, Controller, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import tracer from 'dd-trace'
import { rumSession } from 'rum-llm-correlation/server'

@Controller()
class AgentController {
  @All('chat')
  answer(@Req() request) {
    return answerQuestion(request.body?.message ?? request.query.message)
  }
}

@Module({ controllers: [AgentController] })
${snippet('js', 'AgentModule', NODE)}
const app = await NestFactory.create(AgentModule, { logger: false })
await app.listen(process.env.PORT)
${ECHO}`
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } }
  return transformSync(server, { loader: 'ts', format: 'esm', tsconfigRaw }).code
}

/**
 * A server with what the document has for a framework: `$SESSION` and `$SPAN` of the body's example, and `$LINE` of the table, where the
 * framework has the name `row`.
 */
const inPython = (server: string, framework: string, row = framework) => {
  return () => {
    const body = snippet('python', '# Flask', PYTHON)
    const parts: Record<string, string | undefined> = {
      $SESSION: new RegExp(`^(session = .*?) +# ${framework}$`, 'm').exec(body)?.[1],
      $SPAN: /^with .*:$/m.exec(body)?.[0],
      $UNWRAPPED: /^with .*:$/m.exec(snippet('python', 'annotation_context', PYTHON))?.[0],
      $LINE: pythonDocument
        .split('\n')
        .find((line) => line.startsWith(`| ${row} | \``))
        ?.split('`')
        .at(-2),
      $TIMING: snippet('python', 'Server-Timing', PYTHON).trim(),
    }
    return `
from ddtrace.llmobs import LLMObs
${snippet('python', 'import RumSessionASGI', PYTHON)}

def answer_question(*parts):
    with LLMObs.tool(name="echo") as span:
        LLMObs.annotate(span, input_data=str(parts))
        return "answered"

${server.replace(/\$[A-Z]+/g, (name) => parts[name] ?? `${name} of ${framework}: not found`)}`
  }
}

const FLASK = `
from flask import Flask, request

app = Flask(__name__)

@app.route("/chat", methods=["GET", "POST"])
def chat():
    $SESSION
    $SPAN
        return answer_question(request.get_data(), request.query_string)

$LINE`

const QUART = `
from quart import Quart, request

app = Quart(__name__)

@app.route("/chat", methods=["GET", "POST"])
async def chat():
    $SESSION
    $SPAN
        return answer_question(await request.get_data(), request.query_string)

$LINE`

const STARLETTE = `
from ddtrace.trace import tracer
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def chat(request):
    $SESSION
    $SPAN
        response = PlainTextResponse(answer_question(await request.body(), request.url.query))
        $TIMING
        return response

app = Starlette(routes=[Route("/chat", chat, methods=["GET", "POST"])])
$LINE`

const DJANGO = `
import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="test", ALLOWED_HOSTS=["*"])
django.setup()

def chat(request):
    $SESSION
    $SPAN
        return HttpResponse(answer_question(request.body, request.META["QUERY_STRING"]))

urlpatterns = [path("chat", chat)]
$LINE`

const HTTP_SERVER = `
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        session = rum_session_of(self.headers, urlsplit(self.path).query, body)
        $UNWRAPPED
            answer_question(body, self.path)
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *args):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()`

describe.each([
  ['Node.js with Express', 'server.mjs', express, readmeInNode, [...requests, ...inThread]],
  ['Node.js without a framework', 'server.mjs', inBackends('createServer('), modules, withBodyOrSession],
  ['Node.js with Fastify', 'server.mjs', inBackends("from 'fastify'"), modules, withJson],
  ['Node.js with Koa', 'server.mjs', inBackends("from 'koa'"), modules, withJson],
  ['Node.js with Hono', 'server.mjs', inBackends("from 'hono'"), modules, withJson],
  ['Node.js with NestJS', 'server.mjs', nest, modules, requests],
  ['Node.js with a call of rumSessionOf', 'server.mjs', call, modules, withBodyOrSession],
  ['Node.js as CommonJS', 'server.cjs', commonJs, required, withoutBody],
  ['Node.js with NODE_OPTIONS', 'server.mjs', bare, byNodeOptions, withoutBody],
  ['Node.js with a call of register', 'server.mjs', inCode, tracerAlone, withoutBody],
  ['Python', 'server.py', fastApi, readmeInPython, [...withBodyOrSession, ...inThread]],
  ['Python with Starlette', 'server.py', inPython(STARLETTE, 'FastAPI, Starlette'), uvicorn('app'), requests],
  ['Python with Quart', 'server.py', inPython(QUART, 'Quart'), uvicorn('app'), requests],
  ['Python with Flask', 'server.py', inPython(FLASK, 'Flask'), waitress('app'), requests],
  ['Python with Django, WSGI', 'server.py', inPython(DJANGO, 'Django', 'Django, `wsgi.py`'), waitress(), requests],
  ['Python with Django, ASGI', 'server.py', inPython(DJANGO, 'Django', 'Django, `asgi.py`'), uvicorn(), requests],
  ['Python without a framework', 'server.py', inPython(HTTP_SERVER, 'none'), python, requests],
] as const)('the backend in %s', (_name, file, code, commandIn, asked) => {
  const demo = running(() => startDemo())
  let folder: string
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backends-'))
    await writeFile(join(folder, file), code())
    await linkPackages(folder)
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const { command, args } = await commandIn(String(port))
    server = spawn(command, args, {
      cwd: folder,
      stdio: 'inherit',
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        PORT: String(port),
        ...environment(),
        DD_TRACE_AGENT_URL: demo().url,
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
        DD_REMOTE_CONFIGURATION_ENABLED: 'false',
        DD_TRACE_STARTUP_LOGS: 'false',
        // Both tracers wait a second before they send.
        _DD_LLMOBS_FLUSH_INTERVAL: '200',
        _DD_LLMOBS_WRITER_INTERVAL: '0.2',
      },
    })
    await vi.waitFor(() => fetch(url), { timeout: 30_000, interval: 100 })
  })

  afterAll(async () => {
    server?.kill()
    await rm(folder, { recursive: true })
  })

  it.each(asked)(
    'the spans of a call with %s have its session, or none',
    async (_what, path, { headers, body, ...init }, hasSession) => {
      const id = randomUUID()
      const message = randomUUID()
      const filled = (text: unknown) => String(text).replace('$ID', id).replace('$MESSAGE', message)
      const response = await fetch(url + filled(path.startsWith('/') ? path : `/chat${path}`), {
        ...init,
        headers: Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, filled(value)]),
        ...(body && {
          body: typeof body === 'string' ? filled(body) : new URLSearchParams(filled(decodeURIComponent(String(body)))),
        }),
      })
      expect(response.status).toBe(200)
      const own = await vi.waitFor(
        () => {
          const echo = demo().intake.llmSpans.find(
            ({ name, session_id, meta }) =>
              name === 'echo' && (meta.input?.value?.includes(message) || session_id === id),
          )
          expect(echo).toBeDefined()
          return demo().intake.llmSpans.filter(({ trace_id }) => trace_id === echo?.trace_id)
        },
        { timeout: 20_000 },
      )
      expect(new Set(own.map(({ session_id }) => session_id))).toEqual(new Set([hasSession ? id : undefined]))
      if (JSON.stringify(headers)?.includes('user.id')) {
        for (const { tags } of own) {
          expect(tags).toEqual(expect.arrayContaining(['usr.id:ada', 'usr.account_id:nordlicht']))
        }
      }
      // The example of the answer's own header is in one of the servers.
      const trace = String(BigInt.asUintN(64, BigInt(`0x${own[0]?._dd.apm_trace_id}`)))
      const told = code().includes('Server-Timing') ? `dd-llm-trace;desc="${trace}"` : null
      expect(response.headers.get('server-timing')).toBe(told)
      const thread = path.startsWith('/threads/')
      expect(own.some(({ tags }) => tags.includes(`thread_id:${THREAD}`))).toBe(thread)
    },
  )
})

it.each([
  ['next.config.mjs', 'the tracer instruments what is in node_modules'],
  ['instrumentation.js', 'NEXT_RUNTIME'],
])('the lines for %s of Next.js are in that of the application that is built and run', (file, text) => {
  const lines = (source: string) => source.match(/[\w.]+[^\n{}/]*[\w'\])]/g)
  const run = readFileSync(`test/stacks/next/${file}`, 'utf8')
  const shown = snippet('js', text, 'docs/nextjs.md').replace(/^\/\/.*$/m, '')
  expect(lines(shown)?.length).toBeGreaterThan(1)
  expect(lines(run)).toEqual(expect.arrayContaining(lines(shown) ?? []))
})

/** What the README exports for both servers alike; where spans go to is the test's own. */
function environment(): Record<string, string> {
  const [node, python] = ['node --import', 'ddtrace-run'].map(
    (command) => /^export (DD_LLMOBS_ENABLED=.*)$/m.exec(snippet('sh', command))?.[1],
  )
  expect(node).toBe(python)
  return Object.fromEntries(`${node}`.split(' ').map((pair) => pair.split('=')))
}

async function linkPackages(folder: string) {
  await mkdir(join(folder, 'node_modules/@hono'), { recursive: true })
  await mkdir(join(folder, 'node_modules/@nestjs'))
  const packages = ['dd-trace', 'express', 'fastify', 'koa', 'hono', '@hono/node-server', 'reflect-metadata']
  for (const name of [...packages, '@nestjs/common', '@nestjs/core', '@nestjs/platform-express']) {
    await symlink(join(process.cwd(), 'node_modules', name), join(folder, 'node_modules', name))
  }
  await symlink(process.cwd(), join(folder, 'node_modules', 'rum-llm-correlation'))
}

/** The line of a document's snippet that starts so, as a shell runs it. */
function shell(start: string, file?: string, then = '') {
  const line = snippet('sh', start, file)
    .split('\n')
    .find((line) => line.startsWith(start))
  return { command: 'sh', args: ['-c', `exec ${line?.replace(/ +#.*/, '')}${then}`] }
}
function readmeInNode() {
  return shell('node --import')
}
function modules() {
  return shell('node --import', NODE)
}
function required() {
  return shell('node -r', NODE)
}
function byNodeOptions() {
  const { command, args } = shell('NODE_OPTIONS=', NODE, ' node server.mjs')
  return { command, args: args.map((text) => text.replace('exec ', 'exec env ')) }
}
function tracerAlone() {
  return { command: 'node', args: ['--import', 'dd-trace/initialize.mjs', 'server.mjs'] }
}

function readmeInPython(port: string) {
  const [, app = ''] = /^ddtrace-run uvicorn (.*)$/m.exec(snippet('sh', 'ddtrace-run')) ?? []
  return pythonCommand('uvicorn', app, '--port', port, '--log-level', 'warning')
}

/** How to run a command under ddtrace in the environment of the package's own tests, which has all frameworks. */
async function packageCommand(name: string, ...args: string[]) {
  const bin = await preparePackage()
  return { command: bin('ddtrace-run'), args: [bin(name), ...args] }
}
function uvicorn(app = 'application') {
  return (port: string) => packageCommand('uvicorn', `server:${app}`, '--port', port, '--log-level', 'warning')
}
function waitress(app = 'application') {
  return (port: string) => packageCommand('waitress-serve', `--listen=127.0.0.1:${port}`, `server:${app}`)
}
function python() {
  return packageCommand('python', 'server.py')
}
