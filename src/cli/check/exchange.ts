import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** A request as it goes out. */
export interface Call {
  readonly method: string
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The beginning of the body. */
  readonly text: string
}

export type Exchange = (call: Call) => Promise<Answer>

const HEAD_TIMEOUT = 30_000
/** An answer that is streamed may take a minute; its head is what matters. */
const BODY_TIMEOUT = 5_000
const MAX_TEXT = 4_096

/** Sends one request, and follows no redirect. It fails with a message for people if there is no answer. */
export const exchange: Exchange = ({ method, url, headers, body }) =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp
    const request = send(url, { method, headers, timeout: HEAD_TIMEOUT, agent: false }, (response) => {
      let text = ''
      const done = () => {
        clearTimeout(timer)
        resolve({ status: response.statusCode ?? 0, headers: joined(response.headers), text })
        request.destroy()
      }
      const timer = setTimeout(done, BODY_TIMEOUT)
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text = (text + chunk).slice(0, MAX_TEXT)
      })
      response.on('end', done).on('error', done)
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 30 seconds')))
    request.on('error', (error: NodeJS.ErrnoException) => reject(new Error(reasonOf(error))))
    request.end(body)
  })

function reasonOf({ code, message }: NodeJS.ErrnoException) {
  return message || code || 'no connection'
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
}
