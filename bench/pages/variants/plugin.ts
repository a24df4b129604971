import { type Carrier, llmCorrelation } from 'rum-llm-correlation'
import { AGENT_ORIGIN, rumApi } from './session.js'

export function installPlugin(carrier: Carrier): void {
  const plugin = llmCorrelation({ origins: [AGENT_ORIGIN, '/api/chat'], carrier })
  plugin.onInit({ initConfiguration: {}, publicApi: rumApi, registerAssembleEventHook: () => {} })
  plugin.onRumStart()
}
