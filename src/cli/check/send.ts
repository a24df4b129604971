import type { Carrier } from '../../browser/options.js'
import { type Finding, failed, note, ok } from '../report.js'
import { lossOf } from './arrival.js'
import { carry } from './carry.js'
import { problemOfOrigin } from './cors.js'
import { type Answer, type Call, exchange, wordsOf } from './exchange.js'
import { type Journey, travel } from './journey.js'
import type { CheckOptions } from './options.js'

const WIRE = { ask: exchange, call: exchange }

/** The answer to a call with the session id. */
interface Sent {
  readonly carrier: Carrier
  readonly call: Call
  readonly journey: Journey
}

/** Makes the call without the id, and with it by each carrier, and compares the answers. */
export async function sendWithAndWithout(
  { call, page, field }: CheckOptions,
  carriers: readonly Carrier[],
  sessionId: string,
): Promise<Finding[]> {
  const own = await travel(call, page, WIRE)
  const sent: Sent[] = []
  for (const carrier of carriers) {
    const { call: changed } = carry(call, { carrier, field }, sessionId)
    sent.push({ carrier, call: changed, journey: await travel(changed, page, WIRE) })
  }
  const saying = sent.filter(({ journey }) => traceOf(journey.answer) !== undefined)
  // Only an answer to a call with a session says its trace; if others do, it tells nothing of the session.
  const proves = traceOf(own.answer) === undefined
  return sent.flatMap((one) => {
    const loss = lossOf(one.call, one.journey, sessionId)
    if (loss) {
      return [failed(one.carrier, loss.message, loss.todo)]
    }
    const comparison = compared(one, own)
    // A refused call has not come as far as the trace: nothing is missing there.
    const isRefused = comparison.state === 'failed' && traceOf(one.journey.answer) === undefined
    const isSaidToOthers = proves && saying.length > 0
    const trace = isRefused ? [] : [findingOfTrace(one, { page: page.origin, isSaidToOthers })]
    return [comparison, ...findingsOfReading(one), ...trace]
  })
}

function compared({ carrier, journey }: Sent, own: Journey): Finding {
  const [status, ownStatus] = [journey.answer?.status, own.answer?.status]
  if (status === undefined) {
    const { message = 'no answer', todo = '' } = journey.problem ?? {}
    return failed(carrier, message, todo)
  }
  if (status !== ownStatus) {
    return failed(
      carrier,
      `${status} with the id, ${ownStatus ?? 'no answer'} without it${wordsOf(journey.answer)}`,
      todoOf(carrier),
    )
  }
  return status < 400
    ? ok(carrier, `${status}, with the id as without it`)
    : failed(
        carrier,
        `${status}, with the id as without it${wordsOf(journey.answer)}`,
        'The call fails without the id, too. Send what the page sends: --data, --header, --method.',
      )
}

function todoOf(carrier: Carrier) {
  return carrier === 'body' || carrier === 'query'
    ? `The server refuses fields that it does not know. Add session_id to its schema, name a field that it takes (--field metadata.session_id), or take carrier: 'baggage'.`
    : 'Something between refuses the header. Let it pass, or take another carrier.'
}

/** Whether the page may read the answer. */
function findingsOfReading({ journey: { answer, caller, isCrossOrigin } }: Sent): Finding[] {
  const problem = answer && isCrossOrigin ? problemOfOrigin(caller, answer.headers) : undefined
  const todo = `${problem?.todo}. The page needs this without the plugin, too.`
  return problem ? [failed('CORS', `the page may not read the answer: ${problem.message}`, todo)] : []
}

/** What `Server-Timing` says of the trace: decimal. */
function traceOf(answer: Answer | undefined): string | undefined {
  return /(?:^|,)\s*dd-llm-trace\s*;\s*desc="?(\d+)/.exec(answer?.headers['server-timing'] ?? '')?.[1]
}

interface Context {
  readonly page: string
  /** Whether the server half has said the trace of a call that another carrier made. */
  readonly isSaidToOthers: boolean
}

function findingOfTrace({ carrier, journey }: Sent, { page, isSaidToOthers }: Context): Finding {
  const trace = traceOf(journey.answer)
  if (trace === undefined) {
    return isSaidToOthers
      ? failed(
          carrier,
          'the server half did not get the id by it: something between drops it',
          `Let gateways pass ${PLACES[carrier]}, or take a carrier that arrives.`,
        )
      : note(
          'Server-Timing',
          `the answer does not say its trace (${carrier})`,
          'This proves nothing. To see whether the id arrives, start a Node.js server with RUM_LLM_SERVER_TIMING=1. ' +
            'If the answer is the same then, try --carrier body --carrier baggage.',
        )
  }
  const allowed = (journey.answer?.headers['timing-allow-origin'] ?? '').split(',').map((origin) => origin.trim())
  return !journey.isCrossOrigin || allowed.includes('*') || allowed.includes(page)
    ? ok('Server-Timing', `the answer says its trace: ${trace}`)
    : note(
        'Server-Timing',
        `the answer says its trace, ${trace}, but the page may not read it`,
        `Answer with Timing-Allow-Origin: ${page}`,
      )
}

const PLACES: Readonly<Record<Carrier, string>> = {
  body: 'the field',
  query: 'the parameter',
  baggage: 'the header baggage',
  'trace-tags': 'the headers x-datadog-tags, x-datadog-trace-id and x-datadog-parent-id',
}
