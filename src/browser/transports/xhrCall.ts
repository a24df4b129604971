import * as natives from '../../defence/natives.js'
import { askAtOnce } from '../ask.js'
import type { Call } from '../call.js'
import type { Forward } from '../layer.js'
import { sinceThen } from '../networkUrl.js'
import type { Routes } from '../router.js'
import { describeBody, isBodyless } from './body.js'

export type HeaderList = Array<[name: string, value: string]>

/** What is known of a request since its last `open`. Its outcome is decided at `send`. */
export interface XhrCall {
  readonly routes: Routes
  /** The original `open`, and what the page passed to it. */
  readonly open: Forward
  readonly method: string
  readonly openArgs: readonly unknown[]
  /** The URL with which it was opened, if it is not the page's. */
  openedUrl: string | undefined
  readonly headers: HeaderList
}

export function openCall(routes: Routes, open: XhrCall['open'], openArgs: unknown[]): XhrCall {
  const method = `${openArgs[0]}`
  const call: XhrCall = { routes, open, method, openArgs, openedUrl: undefined, headers: [] }
  const [{ instance, entry }] = routes
  if (instance.isDecidedByUrl(entry, !isBodyless(method))) {
    call.openedUrl = askAtOnce(routes, () => describeXhr(call, { body: undefined, isPartial: true })).changes.url
  }
  return call
}

interface Part {
  readonly body: unknown
  readonly isPartial: boolean
}

export function describeXhr({ method, routes, headers }: XhrCall, { body, isPartial }: Part): Call {
  const [{ url }] = routes
  return {
    method,
    url: sinceThen(url),
    medium: 'usual',
    headers: new natives.Headers(headers),
    body: describeBody(isBodyless(method) ? undefined : body),
    // It cannot wait.
    keepalive: undefined,
    isPartial,
  }
}

/** The arguments of `open`. The URL means what it meant when the page called it. */
export function withUrl({ routes, method, openArgs }: XhrCall, changedUrl?: string): unknown[] {
  const [{ url }] = routes
  return [method, changedUrl ?? sinceThen(url).text, ...openArgs.slice(2)]
}
