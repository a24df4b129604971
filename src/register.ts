import { bodyOptionIn } from './server/bodyOption.js'
import { register } from './server/register.js'

const env: Record<string, string | undefined> = globalThis.process?.env ?? {}

register({
  field: env.RUM_LLM_FIELD?.trim(),
  body: bodyOptionIn(env.RUM_LLM_BODY),
  serverTiming: /^\s*(?:1|true)\s*$/i.test(env.RUM_LLM_SERVER_TIMING ?? ''),
})
