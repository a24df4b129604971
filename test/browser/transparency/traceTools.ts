/**
 * Makes, in the page, what scripts make a trace with of what they see. A trace is data, and free of what is a matter of time.
 * Refers to nothing outside itself.
 */
export function traceTools() {
  const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }

  const told = (error: unknown) =>
    error instanceof Error || error instanceof DOMException
      ? [error.constructor.name, error.name, error.message]
      : ['thrown', error]

  const settled = (promise: Promise<unknown>) =>
    promise.then(
      (value) => ['resolved', value],
      (error) => ['rejected', told(error)],
    )

  const described = (response: Response) => {
    const { status, statusText, ok, type, redirected, url, headers, body, bodyUsed } = response
    const kept = [...headers].filter(([name]) => !/^(date|keep-alive|connection)$/.test(name))
    return { status, statusText, ok, type, redirected, url, headers: kept, locked: body?.locked, bodyUsed }
  }

  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

  /** Turns of the microtask queue until the promise is settled, fifty at most. */
  const turnsUntil = async (promise: Promise<unknown>) => {
    let turns = 0
    let isDone = false
    const end = () => {
      isDone = true
    }
    promise.then(end, end)
    while (!isDone && turns < 50) {
      turns++
      await undefined
    }
    return turns
  }

  const ended = (xhr: XMLHttpRequest) => new Promise((resolve) => xhr.addEventListener('loadend', resolve))

  /** An XHR whose events and states are written into `log`; `ended` when it is. */
  const loggedXhr = () => {
    const xhr = new XMLHttpRequest()
    const log: string[] = []
    const types = ['loadstart', 'load', 'loadend', 'error', 'abort', 'timeout']
    for (const type of ['readystatechange', ...types]) {
      xhr.addEventListener(type, () => log.push(`${type} ${xhr.readyState} ${xhr.status}`))
    }
    for (const type of types) {
      xhr.upload.addEventListener(type, () => log.push(`upload ${type}`))
    }
    return { xhr, log }
  }

  return { JSON_POST, told, settled, described, sleep, turnsUntil, ended, loggedXhr }
}

export type TraceTools = ReturnType<typeof traceTools>
