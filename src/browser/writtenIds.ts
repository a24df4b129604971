import * as natives from '../defence/natives.js'

/** Under this key the page has the session ids that were written into its URLs. All copies of the package share it. */
const KEY: unique symbol = natives.Symbol.for('rum-llm-correlation.written') as never

/** As many are kept. A page has a new session every fifteen minutes at most, so this takes a day. */
const MAX_IDS = 100

const page = natives.globalObject as { [KEY]?: readonly string[] }

/** The ids of other sessions than this one. They have ended. */
export function endedIds(sessionId: string): readonly string[] {
  return (page[KEY] ?? []).filter((id) => id !== sessionId)
}

/** Remembers that a URL has got the id of a session. */
export function noteWritten(sessionId: string): void {
  page[KEY] = [...endedIds(sessionId), sessionId].slice(-MAX_IDS)
}
