// Stands in for AWS's runtime: loads the handler that `_HANDLER` names, and calls it with each event that comes from the parent process.
import { Writable } from 'node:stream'

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')

globalThis.awslambda = {
  // As the runtime does it: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
  streamifyResponse(handler) {
    handler[STREAMING] = 'response'
    return handler
  },
}

const [path, name] = process.env._HANDLER.split('#')
const handler = (await import(path))[name]

process.on('message', async ({ id, event }) => {
  try {
    process.send({ id, ...(await invoke(event, contextOf(id))) })
  } catch (error) {
    process.send({ id, error: String(error) })
  }
})
process.send({ length: handler.length, streams: handler[STREAMING] === 'response' })

async function invoke(event, context) {
  if (handler[STREAMING] === 'response') {
    const chunks = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    })
    await handler(event, stream, context)
    return { result: Buffer.concat(chunks).toString() }
  }
  const result = await new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)))
    if (returned !== undefined) resolve(returned)
  })
  return { result }
}

function contextOf(id) {
  return {
    awsRequestId: id,
    functionName: 'agent',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:agent',
    memoryLimitInMB: '512',
    logGroupName: '/aws/lambda/agent',
    logStreamName: '2026/11/29/[$LATEST]0123456789abcdef',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => 30_000,
  }
}
