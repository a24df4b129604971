export type { Carrier, CarrierOptions, LlmCorrelationOptions, MatchOption, OriginOptions } from './browser/options.js'
export { type LlmCorrelationPlugin, llmCorrelation } from './browser/plugin.js'
