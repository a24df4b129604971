import { datadogRum } from '@datadog/browser-rum'
import { reactPlugin } from '@datadog/browser-rum-react'
import { startTransition } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { HydratedRouter } from 'react-router/dom'
import { llmCorrelation } from 'rum-llm-correlation'

datadogRum.init({
  applicationId: '<APPLICATION_ID>',
  clientToken: '<CLIENT_TOKEN>',
  plugins: [reactPlugin(), llmCorrelation({ origins: ['/api/chat'] })],
})

startTransition(() => {
  hydrateRoot(document, <HydratedRouter />)
})
