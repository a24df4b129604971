import type { Environment } from './settings.js'

/** The user's settings that decide what becomes of a session. */
const KEPT = /^(DD_(LLMOBS_(ENABLED|ML_APP)|TRACE_.+|TRACING_ENABLED|SERVICE|ENV|VERSION)|OTEL_PROPAGATORS)$/

/** Of those, what decides where a trace is sent, and whether it is. */
const REPLACED = /^DD_TRACE_(AGENT|EXPERIMENTAL|SAMPL|RATE_LIMIT|WRITER|STARTUP_LOGS|DEBUG)/

/** The environment of the server that `doctor` starts: the user's own, with all traces sent to the stub agent at once. */
export function childEnvironment(env: Environment, agentUrl: string): Record<string, string> {
  const own = Object.entries(env).filter(
    ([name]) => name !== 'NODE_OPTIONS' && (!/^_?(DD|OTEL)_/.test(name) || (KEPT.test(name) && !REPLACED.test(name))),
  )
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    DD_TRACE_AGENT_URL: agentUrl,
    ...switchedOn(env),
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    DD_CRASHTRACKING_ENABLED: 'false',
    DD_TRACE_STARTUP_LOGS: 'false',
    _DD_LLMOBS_FLUSH_INTERVAL: '100',
  }
}

/** The agentless mode, which nothing can redirect, gives way to the stub agent; it switches LLM Observability on, too. */
function switchedOn({ DD_LLMOBS_ENABLED: own, DD_LLMOBS_AGENTLESS_ENABLED: agentless }: Environment) {
  return own === undefined && agentless !== undefined ? { DD_LLMOBS_ENABLED: '1' } : {}
}
