export { type RegisterOptions, register } from './server/register.js'
export {
  type ConnectRequest,
  type ConnectResponse,
  type LlmObs,
  type LlmObsSpan,
  rumSession,
} from './server/rumSession.js'
export { type InboundRequest, type RumSession, type RumSessionOptions, rumSessionOf } from './server/rumSessionOf.js'
