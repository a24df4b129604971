export { extractor } from './server/lambda/extractor.js'
export { type LambdaOptions, withRumSession } from './server/lambda/withRumSession.js'
