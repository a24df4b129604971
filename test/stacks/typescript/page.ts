import { datadogRum } from '@datadog/browser-rum'
import { type LlmCorrelationOptions, llmCorrelation } from 'rum-llm-correlation'

const options: LlmCorrelationOptions = {
  origins: ['https://agent.example.com', /chat/, { match: (url: string) => url.endsWith('/ask'), carrier: 'query' }],
}
const plugin = llmCorrelation(options)

datadogRum.init({
  applicationId: '<APPLICATION_ID>',
  clientToken: '<CLIENT_TOKEN>',
  plugins: [plugin, llmCorrelation(['/api/chat'])],
})
plugin.stop()

// @ts-expect-error There is no such carrier.
llmCorrelation({ origins: ['/api/chat'], carrier: 'header' })
