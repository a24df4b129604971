/**
 * What adding the session id came to: the changed value, or the value that the page had already set. Both members are always
 * there, so that nothing inherited is taken for one.
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
