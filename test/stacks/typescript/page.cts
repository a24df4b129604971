import { datadogRum } from '@datadog/browser-rum'
import { llmCorrelation } from 'rum-llm-correlation'
import { rumSessionOf } from 'rum-llm-correlation/server'

datadogRum.init({
  applicationId: '<APPLICATION_ID>',
  clientToken: '<CLIENT_TOKEN>',
  plugins: [llmCorrelation(['/api/chat'])],
})
export const tags: Record<string, string> = rumSessionOf({ headers: {}, url: '/' }).tags
