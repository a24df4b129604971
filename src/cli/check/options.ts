import { parseArgs } from 'node:util'
import { CARRIERS } from './carry.js'
import type { Caller } from './cors.js'
import type { Call } from './exchange.js'

export const CHECK_HELP = `Usage: rum-llm-correlation check <url> --origin <origin> [options]

Asks the server at <url> what a browser would ask it for a page of <origin>, and says which carriers of the session
id get through, and which line to paste into the plugin's origins. A path (/api/chat) is one of the page's origin.

  --origin <origin>    The page's origin: https://app.example.com
  --carrier <name>     body, query, baggage or trace-tags; may be given several times. Without it, all are looked at.
  --entry <text>       An entry of your origins, such as /api/chat: does it take this URL? May be given several times.
  --field <name>       The plugin's field. Default: session_id
  --method <method>    Default: POST
  --header <name: value>  A header that the page's call has. May be given several times.
  --credentials        The page's call takes cookies along (credentials: 'include').
  --send               Makes the call itself, too, without the id and with it. Without this, HEAD finds the redirects.
  --data <text>        The body of that call. Default: {}
  --json               Prints JSON.
  --help               Prints this.

Exit status: 0 if the carriers that are named get through, or any of them if none is named; else 1.
`

/** What `check` was asked. */
export interface CheckOptions {
  /** The call as the page makes it. */
  readonly call: Call
  readonly page: Caller
  /** The carriers that were named. */
  readonly asked: readonly (typeof CARRIERS)[number][]
  /** Entries of `origins`, as the page has them. */
  readonly entries: readonly string[]
  readonly field: string
  readonly send: boolean
}

/** Reads the arguments; throws an error that names the one that is wrong. */
export function readCheckOptions(args: string[]): CheckOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      origin: { type: 'string' },
      carrier: { type: 'string', multiple: true, default: [] },
      entry: { type: 'string', multiple: true, default: [] },
      field: { type: 'string', default: 'session_id' },
      method: { type: 'string', default: 'POST' },
      header: { type: 'string', multiple: true, default: [] },
      credentials: { type: 'boolean', default: false },
      send: { type: 'boolean', default: false },
      data: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const [url, ...others] = positionals
  if (url === undefined || others.length) {
    throw new Error(
      url === undefined ? 'Name the URL that the page calls.' : `Name one URL, not ${positionals.length}.`,
    )
  }
  const origin = originOf(values.origin)
  const asked = values.carrier.map((name) => {
    const carrier = CARRIERS.find((other) => other === name)
    if (!carrier) {
      throw new Error(`${name} is no carrier: write ${CARRIERS.join(', ')}.`)
    }
    return carrier
  })
  const { entry: entries, field, send, credentials } = values
  return { call: callOf(urlOf(url, origin), values), page: { origin, credentials }, asked, entries, field, send }
}

function originOf(text: string | undefined): string {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error('Name the origin of the page that calls: --origin https://app.example.com')
  }
  return url.origin
}

function urlOf(text: string, origin: string): string {
  const url = URL.canParse(text, origin) ? new URL(text, origin) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || (!/^https?:/i.test(text) && !text.startsWith('/'))) {
    throw new Error(`${text} is no URL that a page calls: write https://agent.example.com/chat or /api/chat.`)
  }
  if (url.username || url.password) {
    throw new Error('Browsers call no URL with a user or password in it.')
  }
  return url.href.replace(/#.*/, '')
}

function callOf(url: string, values: { method: string; header: readonly string[]; data?: string | undefined }): Call {
  const headers = Object.fromEntries(values.header.map(headerOf))
  const method = values.method.toUpperCase()
  if (method === 'GET' || method === 'HEAD') {
    if (values.data !== undefined) {
      throw new Error(`Browsers send no body with ${method}.`)
    }
    return { method, url, headers }
  }
  return { method, url, headers: { 'content-type': 'application/json', ...headers }, body: values.data ?? '{}' }
}

function headerOf(line: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*?)\s*$/.exec(line) ?? []
  if (name === undefined || value === undefined) {
    throw new Error(`'${line}' is no header: write 'name: value'.`)
  }
  return [name.toLowerCase(), value]
}
