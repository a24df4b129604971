import { Array } from './globals.js'

/** Whether a value is an object, but no array and no function. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
