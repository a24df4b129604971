export { type LlmCorrelationPlugin, llmCorrelation } from './browser/llmCorrelation.js'
export type { Carrier, CarrierOptions, LlmCorrelationOptions, MatchOption, OriginOptions } from './browser/options.js'
