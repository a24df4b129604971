import type { NetworkUrl } from '../call.js'

interface StrictApi {
  readonly origin: string
  /** A field that the API takes. */
  readonly field: string
}

/** APIs that answer 400 to an unknown top-level member. */
const STRICT_APIS: readonly StrictApi[] = [
  { origin: 'https://api.openai.com/', field: 'metadata.session_id' },
  { origin: 'https://api.anthropic.com/', field: 'metadata.user_id' },
  { origin: 'https://generativelanguage.googleapis.com/', field: 'labels.session_id' },
]

export function strictApiOf({ href }: NetworkUrl): StrictApi | undefined {
  return STRICT_APIS.find(({ origin }) => href.startsWith(origin))
}
