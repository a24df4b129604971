import { datadogRum } from '@datadog/browser-rum'
import { nextjsPlugin, onRouterTransitionStart } from '@datadog/browser-rum-nextjs'
import { llmCorrelation } from 'rum-llm-correlation'

export { onRouterTransitionStart }

datadogRum.init({
  applicationId: '<APPLICATION_ID>',
  clientToken: '<CLIENT_TOKEN>',
  plugins: [nextjsPlugin(), llmCorrelation({ origins: ['/api/chat'] })],
})
