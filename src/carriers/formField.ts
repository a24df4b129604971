import { classOf } from '../lib/classOf.js'
import { FormData, URLSearchParams } from '../lib/globals.js'
import { type Added, alreadyThere, changedTo } from './added.js'

/** Reads the first value of a form field; `undefined` without one. */
export function readFormField(form: FormData | URLSearchParams, name: string): FormDataEntryValue | undefined {
  return form.get(name) ?? undefined
}

/** Reads all values of a form field. */
export function readAllFormFields(form: FormData | URLSearchParams, name: string): FormDataEntryValue[] {
  return form.getAll(name)
}

/** Adds a field to a copy of a form. A field of that name that is there already wins. */
export function addFormField<T extends FormData | URLSearchParams>(form: T, name: string, value: string): Added<T> {
  const present = readFormField(form, name)
  if (present !== undefined) {
    return alreadyThere(present)
  }
  const changed = copyForm(form)
  changed.append(name, value)
  return changedTo(changed)
}

/** A copy of a form, its files and their names included. */
export function copyForm<T extends FormData | URLSearchParams>(form: T): T {
  const copy = (classOf(form) === 'URLSearchParams' ? new URLSearchParams() : new FormData()) as T
  form.forEach((value, name) => {
    copy.append(name, value as string)
  })
  return copy
}
