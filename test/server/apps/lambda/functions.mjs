// The functions of the tests. Only the lines that wrap them know of a session.
import { datadog } from 'datadog-lambda-js'
import { withRumSession } from 'rum-llm-correlation/lambda'
import { answer, answerInParts } from '../agent.mjs'

const { awslambda } = globalThis

/** What stands in the event for the LLM spans to be found by, in whatever place. */
const messageOf = (event) => /message-[\da-f-]{36}/.exec(JSON.stringify(event))[0]

async function respond(event) {
  return { statusCode: 200, body: await answer(messageOf(event)), seen: event }
}

const stream = async (event, response) => {
  for await (const part of answerInParts(messageOf(event))) response.write(part)
  response.end()
}

/** For Datadog's layer, which wraps them. */
export const plain = async (event, _context) => respond(event)
export const explicit = async (event, _context) => ({ body: await answer(messageOf(event), 'explicit-session') })
export const withCallback = (event, _context, done) => {
  respond(event).then((result) => done(null, result), done)
}
export const failing = async (event, _context) => {
  await answer(messageOf(event))
  throw new Error('The handler failed')
}
export const streaming = awslambda.streamifyResponse(async (event, response, _context) => stream(event, response))

export const wrapped = withRumSession(async (event, _context) => respond(event))
export const wrappedExplicit = withRumSession(explicit)
export const wrappedWithCallback = withRumSession((event, context, done) => withCallback(event, context, done))
export const wrappedFailing = withRumSession(failing)
export const wrappedWithField = withRumSession(plain, { field: 'metadata.chat' })
export const wrappedStreaming = withRumSession(
  awslambda.streamifyResponse(async (event, response, _context) => stream(event, response)),
)

/** For functions that wrap themselves, without the layer. Datadog's wrapper loses the mark of a handler that streams. */
export const around = withRumSession(datadog(async (event, _context) => respond(event)))
export const inside = datadog(withRumSession(async (event, _context) => respond(event)))
export const aroundStreaming = awslambda.streamifyResponse(
  withRumSession(datadog(async (event, response, _context) => stream(event, response))),
)
export const insideStreaming = awslambda.streamifyResponse(
  datadog(withRumSession(async (event, response, _context) => stream(event, response))),
)
