import { datadogRum } from '@datadog/browser-rum'
import { llmCorrelation } from 'rum-llm-correlation'

export function startRum(options) {
  datadogRum.init({
    applicationId: '<APPLICATION_ID>',
    clientToken: '<CLIENT_TOKEN>',
    plugins: [llmCorrelation({ origins: ['https://agent.example.com'], ...options })],
  })
}

export const sessionId = () => datadogRum.getInternalContext()?.session_id
