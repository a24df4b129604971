import { startRum } from './rumSdk.js'
import { AGENT_ORIGIN } from './session.js'

startRum({ allowedTracingUrls: [AGENT_ORIGIN] })
