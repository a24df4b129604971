import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const BUNDLE = '/node_modules/rum-llm-correlation/dist/rum-llm-correlation.iife.js'
const RUM = '/node_modules/@datadog/browser-rum/bundle/datadog-rum.js'
const read = (path) => readFileSync(`.${path}`, 'utf8')
const hash = (text) => `sha384-${createHash('sha384').update(text).digest('base64')}`

// What the package says of its own bundle, and not what the file is now.
const { 'rum-llm-correlation.iife.js': pluginHash } = JSON.parse(
  read('/node_modules/rum-llm-correlation/dist/sri.json'),
)
const hashes = { RUM_HASH: hash(read(RUM)), PLUGIN_HASH: pluginHash, ASK_HASH: hash(read('/ask.js')) }
const page = read('/index.html').replace(/\b[A-Z]+_HASH\b/g, (name) => hashes[name])
const inline = hash(/<script nonce="NONCE">(.*?)<\/script>/s.exec(page)[1])

const policy = (scripts) =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    "connect-src 'self' https://browser-intake-datadoghq.com",
    'img-src data:',
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

const pages = {
  '/': (nonce) => policy(`'nonce-${nonce}'`),
  '/hashes': () => policy([...Object.values(hashes), inline].map((value) => `'${value}'`).join(' ')),
}

createServer((request, response) => {
  if (pages[request.url]) {
    const nonce = randomBytes(16).toString('base64')
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.setHeader('Content-Security-Policy', pages[request.url](nonce))
    response.setHeader('Integrity-Policy', 'blocked-destinations=(script)')
    response.end(page.replaceAll('NONCE', nonce))
  } else if ([BUNDLE, RUM, '/ask.js'].includes(request.url)) {
    response.setHeader('Content-Type', 'text/javascript')
    response.end(read(request.url))
  } else {
    response.writeHead(404).end()
  }
}).listen(process.env.PORT, '127.0.0.1')
