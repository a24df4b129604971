// Runs for each request; the package must do no harm wherever Next loads it.
import { rumSessionOf } from 'rum-llm-correlation/server'

export function proxy(request) {
  return rumSessionOf(request).sessionId === 'never' ? new Response() : undefined
}
