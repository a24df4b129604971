/**
 * The result of adding the session id: the changed value, or the value that is there already.
 * Both members are always there: see src/defence.
 */
export type Added<T> =
  | { readonly changed: T; readonly present: undefined }
  | { readonly changed: undefined; readonly present: unknown }

export function changedTo<T>(changed: T): Added<T> {
  return { changed, present: undefined }
}

export function alreadyThere(present: unknown): Added<never> {
  return { changed: undefined, present }
}
