import { llmCorrelation } from 'rum-llm-correlation'
import { startRum } from './rumSdk.js'
import { AGENT_ORIGIN } from './session.js'

startRum({ plugins: [llmCorrelation([AGENT_ORIGIN, '/api/chat'])] })
