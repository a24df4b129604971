import * as natives from '../defence/natives.js'
import { classOf } from './classOf.js'

/** A short text of any value, for a console message. It never throws, whatever the page passed. */
export function printed(value: unknown): string {
  try {
    if (typeof value === 'string') {
      return `'${value}'`
    }
    if (classOf(value) === 'RegExp') {
      return `${value}`
    }
    return natives.JSON.stringify(value) ?? typeof value
  } catch {
    return typeof value
  }
}
