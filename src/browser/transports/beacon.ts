import { createPatch } from '../patch.js'
import { argumentsWithoutHeaders } from './headerless.js'
import type { Transport } from './transport.js'

/** Patches `navigator.sendBeacon`. It has a body and a URL, and must answer at once. */
export const patchBeacon: Transport = ({ router }) => [
  createPatch(Navigator.prototype, 'sendBeacon', (forward, args) => {
    const changed = argumentsWithoutHeaders(router, { args, method: 'POST', medium: 'beacon', body: args[1] })
    const isQueued = forward(changed)
    // A beacon that is refused for its size has not been sent. A patch below may answer nothing.
    return isQueued === false && changed !== args ? forward(args) : isQueued
  }),
]
