import type { Source } from '../page.js'

/** The global that has what {@link RECORDER} has recorded. */
export const RECORDED = '__recorded'

/**
 * The first script of a page. It records the page's console messages and errors, for drivers that
 * cannot read them. A page can tell the new console functions only by their source text.
 */
export const RECORDER: Source = `{
  const recorded = []
  const textOf = (value) => { try { return String(value) } catch { return 'something' } }
  for (const name of ['debug', 'error', 'info', 'log', 'warn']) {
    const native = console[name]
    console[name] = { [name](...values) {
      recorded.push([name, values.map(textOf).join(' ')])
      return native.apply(this, values)
    } }[name]
  }
  addEventListener('error', ({ error, message }) => recorded.push(['', error === undefined ? message : textOf(error)]))
  addEventListener('unhandledrejection', ({ reason }) => recorded.push(['', textOf(reason)]))
  Object.defineProperty(window, '${RECORDED}', { value: recorded })
}`
