import * as natives from '../../defence/natives.js'
import type { Notes } from '../notes.js'
import type { Sent } from '../outcome.js'
import type { SentCallFinder } from './annotation.js'

/**
 * The key of the mark in the `init` of a fetch. The RUM SDK hands the `init` back with the event of
 * the call. Its tracer copies the `init`, and symbols with it; the browser ignores symbols.
 */
export const SENT: unique symbol = natives.Symbol.for('rum-llm-correlation.sent') as never

/** How many uses of one XMLHttpRequest are kept until RUM's events of them come. */
const MAX_USES = 10

interface Use {
  /** When it began, as in `performance.now()`. */
  readonly time: number
  readonly sent: Sent | undefined
}

export type SentCalls = Notes & SentCallFinder

/** Keeps what was done with each call until RUM's event of it comes. */
export function createSentCalls(): SentCalls {
  const xhrs = new natives.WeakMap<object, readonly Use[]>()
  return {
    markFetch(init, sent) {
      natives.Reflect.set(init, SENT, sent)
    },

    markXhr(xhr, sent) {
      const uses = xhrs.get(xhr)
      if (uses || sent) {
        const use = { time: natives.performance.now(), sent }
        xhrs.set(xhr, [...(uses ?? []), use].slice(-MAX_USES))
      }
    },

    find({ requestInit, xhr, startTime }) {
      // The page may have used the XMLHttpRequest again before the event came.
      const uses = xhr && xhrs.get(xhr)?.filter(({ time }) => time <= startTime)
      const marked = requestInit as { readonly [SENT]?: Sent } | undefined
      return marked?.[SENT] ?? uses?.pop()?.sent
    },
  }
}
