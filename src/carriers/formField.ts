import { isInstance } from '../lib/isInstance.js'
import type { Added } from './queryParam.js'

/** Adds a field to a copy of a form. A field of that name that is there already wins. */
export function addFormField<T extends FormData | URLSearchParams>(form: T, name: string, value: string): Added<T> {
  if (form.has(name)) {
    return { present: form.get(name) }
  }
  const changed = copyForm(form)
  changed.append(name, value)
  return { changed }
}

/** A copy of a form, its files and their names included. */
export function copyForm<T extends FormData | URLSearchParams>(form: T): T {
  const copy = (isInstance(form, 'URLSearchParams') ? new URLSearchParams() : new FormData()) as T
  form.forEach((value, name) => {
    copy.append(name, value as string)
  })
  return copy
}
