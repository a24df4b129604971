import { datadogRum } from '@datadog/browser-rum'
import { llmCorrelation } from 'rum-llm-correlation'
import { page, server } from './settings.js'

const VERSION = 1

const plugin = page === 'with' ? llmCorrelation({ origins: [`${server}/agent`], startupTimeout: 20_000 }) : undefined
datadogRum.init({
  applicationId: '00000000-0000-4000-8000-000000000000',
  clientToken: 'pub00000000000000000000000000000000',
  telemetrySampleRate: 0,
  proxy: `${server}/rum-intake`,
  plugins: plugin ? [plugin] : [],
})
window.rumVersion = VERSION

import.meta.hot.accept()
