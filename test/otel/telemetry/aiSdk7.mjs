// Version 7 of the AI SDK has its spans in a package of their own.
import { OpenTelemetry } from '@ai-sdk/otel'
import { registerTelemetry } from 'ai'
import { startNodeSdk } from './nodeSdk.mjs'

startNodeSdk()
registerTelemetry(new OpenTelemetry())
