// @ts-check
import { datadogRum } from '@datadog/browser-rum'
import { llmCorrelation } from 'rum-llm-correlation'

const { DEMO } = window

DEMO.plugin = llmCorrelation({ origins: DEMO.origins, debug: true })
datadogRum.init({ ...DEMO.rum, plugins: [DEMO.plugin] })
