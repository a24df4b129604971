import { datadogRum } from '@datadog/browser-rum'
import { llmCorrelation } from 'rum-llm-correlation'

const { agentUrl, rum } = window.DEMO

datadogRum.init({
  ...rum,
  service: 'coffee-shop',
  env: 'demo',
  sessionSampleRate: 100,
  sessionReplaySampleRate: 0,
  trackResources: true,
  trackUserInteractions: true,
  defaultPrivacyLevel: 'mask-user-input',
  plugins: [
    llmCorrelation({
      origins: [
        { match: `${agentUrl}/body`, carrier: 'body' },
        { match: `${agentUrl}/query`, carrier: 'query' },
        { match: `${agentUrl}/baggage`, carrier: 'baggage', propagateUser: true },
        { match: `${agentUrl}/trace-tags`, carrier: 'trace-tags' },
      ],
      debug: true,
    }),
  ],
})
