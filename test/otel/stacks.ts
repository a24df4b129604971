import type { Stack } from './agentProcess.js'

const openai = (name: string, ...telemetry: string[]): Stack => ({ name, telemetry, client: 'openai', genAiSpans: 1 })

/** Each with the versions of this folder's `package.json`. An answer of the AI SDK takes two calls of the model and a tool. */
export const STACKS: readonly Stack[] = [
  openai('sdk-node, instrumentation-openai', './telemetry/openai.mjs'),
  openai('the same, SDK 3', './sdk3/telemetry.mjs'),
  openai('OpenInference', './telemetry/openInference.mjs'),
  openai('OpenLLMetry', './telemetry/openLlmetry.mjs'),
  { name: 'AI SDK 6', telemetry: ['./telemetry/aiSdk6.mjs'], client: 'aiSdk6', genAiSpans: 4 },
  { name: 'AI SDK 7', telemetry: ['./telemetry/aiSdk7.mjs'], client: 'aiSdk7', genAiSpans: 6 },
  { name: 'AI SDK 6, @vercel/otel', telemetry: ['./telemetry/vercel.mjs'], client: 'aiSdk6', genAiSpans: 4 },
  {
    name: "AI SDK 6, dd-trace's OpenTelemetry",
    telemetry: ['dd-trace/initialize.mjs', './telemetry/datadog.mjs'],
    client: 'aiSdk6',
    genAiSpans: 4,
  },
]
