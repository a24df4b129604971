import * as natives from '../defence/natives.js'

/** Whether a value is an object, and neither an array nor a function. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !natives.Array.isArray(value)
}
