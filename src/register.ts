import { register } from './server/register.js'

const env: Record<string, string | undefined> = globalThis.process?.env ?? {}

register({
  field: env.RUM_LLM_FIELD?.trim(),
  serverTiming: /^\s*(?:1|true)\s*$/i.test(env.RUM_LLM_SERVER_TIMING ?? ''),
})
