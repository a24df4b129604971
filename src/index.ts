export { type LlmCorrelationPlugin, llmCorrelation } from './llmCorrelation.js'
export type { Carrier, CarrierOptions, LlmCorrelationOptions, MatchOption, OriginOptions } from './options.js'
