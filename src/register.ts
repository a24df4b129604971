import { register } from './server/register.js'

register({ serverTiming: globalThis.process?.env?.RUM_LLM_SERVER_TIMING === '1' })
