import { llmCorrelation } from 'rum-llm-correlation'
import { rumApi, SESSION_ID } from './variants/session.js'

/** The content of a body, its form, and the work that is timed. */
export type Content = 'chat' | 'table' | 'image' | 'name inside' | 'dotted field'
export type Form = 'string' | 'bytes'
export type Work = 'plugin' | 'insert by hand' | 'parse and stringify' | 'browser'

const AGENT = 'https://agent.example.com/v1/chat'
const NESTED_AGENT = 'https://nested.example.com/v1/chat'
const HEADERS = { 'Content-Type': 'application/json' }
const PARAGRAPH = `Where is my order? I have been waiting for a week, and the page says "in transit" since Monday.
Can you please look it up? The number is 4711-0815; I just want to know whether it is on its way at all.
`

/** A network that only makes the text flat. The browser does this before it encodes the text. */
globalThis.fetch = (_input, init) => {
  const { body } = init ?? {}
  if (typeof body === 'string') {
    body.charCodeAt(0)
  }
  return undefined as never
}
const plugin = llmCorrelation({
  origins: [AGENT, { match: NESTED_AGENT, field: 'metadata.session_id' }],
})
plugin.onInit({ initConfiguration: {}, publicApi: rumApi, registerAssembleEventHook: () => {} })
plugin.onRumStart()

function makeValue(content: Content, size: number): object {
  const messages: object[] = []
  if (content === 'table') {
    for (let length = 0; length < size; length += 100) {
      const id = messages.length
      messages.push({ id, sku: `A-${id}`, name: 'Desk lamp', price: 49.9, in_stock: true, tags: ['home', 'light'] })
    }
  } else if (content === 'image') {
    const pixels = Array.from({ length: 3000 }, () => String.fromCharCode(Math.random() * 256)).join('')
    messages.push({ role: 'user', content: [{ type: 'image', data: btoa(pixels).repeat(Math.ceil(size / 4000)) }] })
  } else {
    for (let length = 0; length < size; length += 850) {
      messages.push({
        role: messages.length % 2 ? 'assistant' : 'user',
        content: PARAGRAPH.repeat(Math.max(1, Math.min(4, Math.floor(size / 400)))),
        message_id: `msg_${messages.length}`,
      })
    }
  }
  const last = content === 'name inside' ? [{ role: 'tool', result: { session_id: 'of the shop' } }] : []
  return { model: 'm', stream: true, messages: [...messages, ...last], metadata: { locale: 'en' } }
}

/** The least that a change of the text can cost: a copy, without reading the text. */
function insert(member: string, body: string | Uint8Array) {
  if (typeof body === 'string') {
    const changed = member + body.slice(1)
    changed.charCodeAt(0)
    return changed
  }
  const start = new TextEncoder().encode(member)
  const changed = new Uint8Array(start.length + body.length - 1)
  changed.set(start)
  changed.set(body.subarray(1), start.length)
  return changed
}

function work(what: Work, url: string, body: string | Uint8Array<ArrayBuffer>) {
  if (what === 'plugin') {
    return fetch(url, { method: 'POST', headers: HEADERS, body })
  }
  if (what === 'browser') {
    return new Request(url, { method: 'POST', headers: HEADERS, body })
  }
  if (what === 'insert by hand') {
    return insert(`{"session_id":"${SESSION_ID}",`, body)
  }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  const changed = JSON.stringify({ ...JSON.parse(text), session_id: SESSION_ID })
  return typeof body === 'string' ? changed : new TextEncoder().encode(changed)
}

/** Does each work once per round, in turns. Returns the milliseconds per body. */
export async function measure(content: Content, form: Form, size: number, rounds: number) {
  const value = makeValue(content, size)
  // Each call has a new body, as on a page. The browser caches its work on a string.
  const makeBody = () => {
    const text = JSON.stringify(value)
    return form === 'string' ? text : new TextEncoder().encode(text)
  }
  const url = content === 'dotted field' ? NESTED_AGENT : AGENT
  const works: Work[] = ['plugin', 'insert by hand', 'parse and stringify', 'browser']
  const count = Math.max(1, Math.round(100_000 / size))
  const taken: Record<string, number[]> = {}
  for (let round = -2; round < rounds; round += 1) {
    for (let turn = 0; turn < works.length; turn += 1) {
      const what = works[(turn + Math.abs(round)) % works.length] as Work
      const bodies = Array.from({ length: count }, makeBody)
      const start = performance.now()
      for (const body of bodies) {
        work(what, url, body)
      }
      const millis = (performance.now() - start) / count
      if (round >= 0) {
        taken[what] ??= []
        taken[what].push(millis)
      }
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
  return { size: JSON.stringify(value).length, taken: taken as Record<Work, number[]> }
}

export type BodiesApi = { measure: typeof measure }
Object.assign(globalThis, { bench: { measure } satisfies BodiesApi })
