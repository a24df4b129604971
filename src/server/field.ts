import { attempt } from './attempt.js'

/** The field that is looked for if no option names another one. The page's half has the same default. */
export const DEFAULT_FIELD = 'session_id'

/** The `field` of some options, or the default. */
export function fieldOf(options: { readonly field?: string | undefined } | undefined): string {
  return givenField(options) ?? DEFAULT_FIELD
}

/** The `field` of some options. `undefined` if it is missing, empty or not a string. */
export function givenField(options: { readonly field?: string | undefined } | undefined): string | undefined {
  const field: unknown = attempt(() => options?.field)
  return typeof field === 'string' && field ? field : undefined
}

/** The name of the query parameter and of the form field: the last part of a dotted path. */
export function parameterOf(field: string): string {
  return field.slice(field.lastIndexOf('.') + 1)
}
