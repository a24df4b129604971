/** One call of the page, and what the page sees of it. Promises are chained by `then`: what zone.js keeps in it, `await` loses. */
export function makeCall({ client, method, url, body }) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  if (client.endsWith('XHR')) {
    return makeXhr(client === 'XHR', method, url, headers, body)
  }
  const init = { method, headers, body }
  const promise = {
    'fetch(string, init)': () => fetch(url, init),
    'fetch(URL, init)': () => fetch(new URL(url, location.href), init),
    'fetch(Request)': () => fetch(new Request(url, init)),
    'fetch(Request, {})': () => fetch(new Request(url, init), {}),
  }[client]()
  return promise.then((response) =>
    response
      .text()
      .then((text) => ({ status: response.status, ok: response.ok, type: response.type, url: response.url, text })),
  )
}

function makeXhr(isAsync, method, url, headers, body) {
  const xhr = new XMLHttpRequest()
  const events = []
  for (const type of ['readystatechange', 'loadstart', 'load', 'loadend', 'error', 'abort', 'timeout']) {
    xhr.addEventListener(type, () => events.push(`${type} ${xhr.readyState}`))
  }
  xhr.open(method, url, isAsync)
  for (const [name, value] of Object.entries(headers)) {
    xhr.setRequestHeader(name, value)
  }
  const seen = () => ({ status: xhr.status, url: xhr.responseURL, text: xhr.responseText, events })
  if (!isAsync) {
    xhr.send(body)
    return Promise.resolve(seen())
  }
  return new Promise((resolve) => {
    xhr.addEventListener('loadend', () => resolve(seen()))
    xhr.send(body)
  })
}

/** Waits, for as long as a busy machine may take, until something is so. */
export async function until(isSo) {
  for (let turns = 0; turns < 1000 && !isSo(); turns += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
