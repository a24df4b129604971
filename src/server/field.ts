import { attempt } from './attempt.js'

/** Where a request has the session id, unless an option says otherwise: the page's half has the same default. */
const DEFAULT_FIELD = 'session_id'

/** A `field` option, as on the page: what is no name counts as not set. */
export function fieldOf(options: { readonly field?: string } | undefined): string {
  const field: unknown = attempt(() => options?.field)
  return typeof field === 'string' && field ? field : DEFAULT_FIELD
}

/** The name of the query parameter, and of the field of a form: of a dotted path the last part. */
export function parameterOf(field: string): string {
  return field.slice(field.lastIndexOf('.') + 1)
}
