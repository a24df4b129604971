import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai'
import OpenAI from 'openai'
import { startNodeSdk } from './nodeSdk.mjs'

const instrumentation = new OpenAIInstrumentation()
startNodeSdk(instrumentation)
// It does not find openai itself where that is an ES module.
instrumentation.manuallyInstrument(OpenAI)
