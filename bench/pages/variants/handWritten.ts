import type { CallsApi } from '../calls.js'
import { rumApi } from './session.js'

// As in Datadog's documentation: each place in the page that calls an agent adds the field itself.
const { bench } = globalThis as unknown as { bench: CallsApi }
bench.serialize = (body) => JSON.stringify({ ...body, session_id: rumApi.getInternalContext()?.session_id })
