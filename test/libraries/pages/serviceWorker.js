import { makeCall } from './calls.js'

const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve))
const registered = navigator.serviceWorker.register('/answeringWorker.js').then(() => controlled)

let seen = []
/** The worker's answer says what it was asked, which is what the library sees; the page sees the rest of it. */
window.library = {
  ready: () => registered.then(() => undefined),
  async call(call) {
    const { text, ...result } = await makeCall(call)
    const answer = JSON.parse(text)
    seen = [answer.asked ?? 'passed on']
    return { ...result, isAnswered: 'asked' in answer }
  },
  take: () => seen,
}
