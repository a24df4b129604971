export { llmCorrelation } from './llmCorrelation.js'
