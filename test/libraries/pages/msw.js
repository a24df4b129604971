import { HttpResponse, http } from 'msw'
import { setupWorker } from 'msw/browser'
import { makeCall } from './calls.js'

let seen = []
const worker = setupWorker(
  http.all('*/mocked/*', async ({ request }) => {
    const { method, url, headers } = request
    const text = await request.text()
    seen.push({ method, url, headers: Object.fromEntries(headers), text })
    return HttpResponse.json({ mocked: text.length > 0 }, { status: 203, headers: { 'x-mocked': '1' } })
  }),
)
worker.events.on('request:unhandled', ({ request }) => {
  const { pathname } = new URL(request.url)
  if (/agent|plain/.test(pathname)) seen.push({ unhandled: pathname })
})
const started = worker.start({
  quiet: true,
  onUnhandledRequest: 'bypass',
  serviceWorker: { url: '/mockServiceWorker.js' },
})

window.library = {
  ready: () => started.then(() => undefined),
  call(call) {
    seen = []
    return makeCall(call)
  },
  take: () => seen,
}
