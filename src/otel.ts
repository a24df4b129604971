export { type GrowingSpan, RumSessionSpanProcessor } from './otel/spanProcessor.js'
