import * as natives from '../defence/natives.js'
import { classOf } from './classOf.js'

/** Copies a form, with its files and their names. */
export function copyForm<T extends FormData | URLSearchParams>(form: T): T {
  const copy = (classOf(form) === 'URLSearchParams' ? new natives.URLSearchParams() : new natives.FormData()) as T
  form.forEach((value, name) => {
    copy.append(name, value as string)
  })
  return copy
}
