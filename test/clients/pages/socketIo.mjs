import { connect } from 'docs:socket.io-client'

export const client = 'socket.io-client'
export const polls = true

const polled = ['GET /socket.io/', 'query session_id']
const posted = ['POST /socket.io/', 'query session_id']

const once = (socket, name) => new Promise((resolve) => socket.once(name, resolve))

async function withSocket(options, use) {
  const socket = connect({ forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 10, ...options })
  await once(socket, 'connect')
  const result = await use(socket)
  socket.disconnect()
  return result
}
const ask = (socket) => socket.emitWithAck('ask', 'Hi')

export const scenarios = {
  'WebSocket alone': {
    run: () => withSocket({ transports: ['websocket'] }, ask),
    gives: { result: 'Hello from the agent' },
    sends: [polled],
  },
  'polling alone': {
    run: () => withSocket({ transports: ['polling'] }, ask),
    gives: { result: 'Hello from the agent' },
    sends: [polled, posted],
  },
  'polling, then WebSocket': {
    run: () =>
      withSocket({}, async (socket) => {
        socket.io.engine.transport.name === 'websocket' || (await once(socket.io.engine, 'upgrade'))
        return ask(socket)
      }),
    gives: { result: 'Hello from the agent' },
    sends: [polled, posted],
  },
  'a connection that the server drops, made anew': {
    run: () =>
      withSocket({ transports: ['websocket'] }, async (socket) => {
        socket.emit('drop')
        const reason = await once(socket, 'disconnect')
        await once(socket, 'connect')
        return [reason, await ask(socket)]
      }),
    gives: { result: ['transport close', 'Hello from the agent'] },
    sends: [polled],
  },
  'polling that the server drops, begun anew': {
    run: () =>
      withSocket({ transports: ['polling'] }, async (socket) => {
        socket.emit('drop')
        const reason = await once(socket, 'disconnect')
        await once(socket, 'connect')
        return [reason, await ask(socket)]
      }),
    gives: { result: ['transport close', 'Hello from the agent'] },
    sends: [polled, posted],
  },
}
