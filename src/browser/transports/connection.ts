import * as natives from '../../defence/natives.js'
import { createPatch } from '../patch.js'
import { argumentsWithoutHeaders } from './headerless.js'
import type { Transport } from './transport.js'

/** Patches the constructor of EventSource, which has only a URL. */
export const patchEventSource: Transport = patchConstructor('EventSource')

/** Patches the constructor of WebSocket, which has only a URL. */
export const patchWebSocket: Transport = patchConstructor('WebSocket')

function patchConstructor(name: 'EventSource' | 'WebSocket'): Transport {
  return ({ router }) => [
    createPatch(natives.globalObject, name, (args) => {
      const changed = argumentsWithoutHeaders(router, { args, method: 'GET', medium: 'no-headers', body: undefined })
      return changed && ((forward) => forward(changed))
    }),
  ]
}
