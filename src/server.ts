export type { InboundRequest } from './server/inboundRequest.js'
export {
  type ConnectRequest,
  type ConnectResponse,
  type LlmObs,
  type LlmObsSpan,
  rumSession,
} from './server/middleware.js'
export { type RumSession, type RumSessionOptions, rumSessionOf } from './server/readSession.js'
export { type RegisterOptions, register } from './server/register.js'
