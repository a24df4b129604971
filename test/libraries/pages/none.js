import { makeCall } from './calls.js'

window.library = { call: makeCall, take: () => undefined }
