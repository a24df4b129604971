import { randomUUID } from 'node:crypto'
import type { Carrier } from '../../browser/options.js'
import { type Command, type Finding, failed, note, ok, type Report } from '../report.js'
import { lossOf } from './arrival.js'
import { CARRIERS, type Carried, carry } from './carry.js'
import { inspectEntry } from './entries.js'
import { exchange, probe } from './exchange.js'
import { type Journey, travel, type Wire } from './journey.js'
import { CHECK_HELP, type CheckOptions, readCheckOptions } from './options.js'
import { originsLine, preferred } from './originsLine.js'
import { sendWithAndWithout } from './send.js'

/** Whether the session id gets from a page to a URL, and by which carriers. */
export const check: Command = {
  help: CHECK_HELP,
  run: async (args) => inspect(readCheckOptions(args)),
}

const PROBE: Wire = { ask: exchange, call: probe }

async function inspect(options: CheckOptions): Promise<Report> {
  const { call, page, asked, field, send } = options
  const sessionId = randomUUID()
  const own = await travel(call, page, PROBE).catch((error: Error) => {
    throw new Error(`${new URL(call.url).origin} cannot be reached: ${error.message}`)
  })
  const carriers = await Promise.all(
    (asked.length ? asked : CARRIERS).map((carrier) =>
      inspectCarrier(carry(call, { carrier, field }, sessionId), { carrier, own, options, sessionId }),
    ),
  )
  const through = carriers.filter(({ state }) => state !== 'failed').map(({ subject }) => subject as Carrier)
  const sent = send ? await sendWithAndWithout(options, asked.length ? asked : ['body'], sessionId) : []
  const refused = sent.filter(({ state }) => state === 'failed').map(({ subject }) => subject)
  const best = preferred(through.filter((carrier) => !refused.includes(carrier)))
  const line = originsLine(call.url, { page: page.origin, carrier: best ?? 'body', field })
  const entries = options.entries.map((entry) => inspectEntry(entry, { url: call.url, page: page.origin, line }))
  const isThrough = asked.length ? through.length === asked.length : through.length > 0
  return {
    ok: isThrough && !refused.length && entries.every(({ state }) => state === 'ok'),
    title: `${call.method} ${call.url}, called by a page of ${page.origin}`,
    sections: [
      { name: 'redirects', title: 'Redirects', findings: own.hops.map(findingOfHop) },
      { name: 'entries', title: 'Your entries of origins', findings: entries },
      { name: 'call', title: 'The call without the session id', findings: findingsOfOwn(own) },
      { name: 'carriers', title: 'The session id', findings: carriers },
      { name: 'send', title: `The call itself, with the session id ${sessionId}`, findings: sent },
    ],
    facts: { url: call.url, origin: page.origin, ...(best ? { origins: line } : {}) },
    closing: best ? `Paste into origins:\n\n  ${line}\n\n${nextStep(options)}` : NOT_YET,
  }
}

const NOT_YET = 'No carrier gets through: there is no line to paste yet.'

/** What to try if the session is missing although the line is there. */
function nextStep({ send, call }: CheckOptions): string {
  // Only a body can be one that the server refuses with the field.
  const isTried = send || call.body === undefined
  return isTried
    ? 'If the session is still missing, run in the folder of the server: npx rum-llm-correlation doctor'
    : "To see whether the server takes the id, add --send, and --data with a body as the page's. It makes the call."
}

function findingOfHop({ status, from, to }: Journey['hops'][number]): Finding {
  return note(String(status), `${from} → ${to}`, `If you can, have the page call ${to} itself.`)
}

function findingsOfOwn({ problem, answer, isCrossOrigin }: Journey): Finding[] {
  if (problem) {
    return [failed('call', problem.message, `${problem.todo} The page needs this without the plugin, too.`)]
  }
  return answer && isCrossOrigin ? [ok('call', 'browsers let the page make it')] : []
}

interface Inspected {
  readonly carrier: Carrier
  /** How the page's own call goes. */
  readonly own: Journey
  readonly options: CheckOptions
  readonly sessionId: string
}

async function inspectCarrier(carried: Carried, { carrier, own, options, sessionId }: Inspected): Promise<Finding> {
  if (carried.carrier === 'none') {
    return failed(carrier, `the plugin leaves the call alone: ${carried.warning ?? carried.reason}`, todoOf(carried))
  }
  const journey = await travel(carried.call, options.page, PROBE)
  const { hops } = journey
  const problem = journey.problem ?? lossOf(carried.call, journey, sessionId)
  if (problem) {
    return problem.message === own.problem?.message
      ? failed(carrier, "it fails as the page's own call does", problem.todo)
      : failed(carrier, problem.message, problem.todo)
  }
  return carried.carrier === carrier
    ? ok(carrier, hops.length ? 'gets through, by the redirects too' : 'gets through')
    : note(carrier, `gets through as the query parameter (${carried.reason})`, 'Nothing, if the URL may have it.')
}

function todoOf({ reason }: Carried) {
  return reason === 'unknown_members_refused' ? 'Take the field that it names: --field.' : "Take carrier: 'baggage'."
}
