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

/** What an answer says for itself, behind a colon. It tells people more than a status. */
export function wordsOf(answer: Answer | undefined): string {
  const text = answer?.text.replace(/\s+/g, ' ').trim().slice(0, 160)
  return text ? `: ${text}` : ''
}

export type Exchange = (call: Call) => Promise<Answer>

/** An agent may think for a while before it answers. */
const ANSWER_TIMEOUT = 30_000
/** Servers that do not know HEAD may leave it unanswered. */
const PROBE_TIMEOUT = 3_000
/** An answer that is streamed may take a minute; its head is what matters. */
const BODY_TIMEOUT = 5_000
const MAX_TEXT = 4_096

/** Sends one request, and follows no redirect. It fails with a message for people if there is no answer. */
export const exchange: Exchange = (call) => send(call, ANSWER_TIMEOUT)

/**
 * Sends HEAD in place of the call. That changes nothing on the server, and most redirects answer HEAD as they answer all
 * else. If no answer comes in time, the server counts as one that does not redirect.
 */
export const probe: Exchange = async ({ url, headers: { 'content-type': _, ...headers } }) => {
  try {
    return await send({ method: 'HEAD', url, headers }, PROBE_TIMEOUT)
  } catch (error) {
    if (error instanceof TimeoutError) {
      return { status: 0, headers: {}, text: '' }
    }
    throw error
  }
}

class TimeoutError extends Error {}

function send({ method, url, headers, body }: Call, patience: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const requestBy = url.startsWith('https:') ? requestHttps : requestHttp
    const request = requestBy(url, { method, headers, timeout: patience, agent: false }, (response) => {
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
    request.on('timeout', () => request.destroy(new TimeoutError(`no answer within ${patience / 1000} seconds`)))
    request.on('error', (error: NodeJS.ErrnoException) =>
      reject(error instanceof TimeoutError ? error : new Error(error.message || error.code || 'no connection')),
    )
    request.end(body)
  })
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
}
