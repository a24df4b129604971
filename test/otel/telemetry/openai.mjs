import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai'
import { startNodeSdk } from './nodeSdk.mjs'

startNodeSdk(new OpenAIInstrumentation())
