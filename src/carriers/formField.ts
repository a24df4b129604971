import { copyForm } from '../lib/copyForm.js'
import { type Added, alreadyThere, changedTo } from './added.js'

/** Reads the first value of a form field; `undefined` if the form does not have it. */
export function readFormField(form: FormData | URLSearchParams, name: string): FormDataEntryValue | undefined {
  return form.get(name) ?? undefined
}

/** Reads all values of a form field. */
export function readAllFormFields(form: FormData | URLSearchParams, name: string): FormDataEntryValue[] {
  return form.getAll(name)
}

/** Adds a field to a copy of a form. If the form has a field of that name, that one wins. */
export function addFormField<T extends FormData | URLSearchParams>(form: T, name: string, value: string): Added<T> {
  const present = readFormField(form, name)
  if (present !== undefined) {
    return alreadyThere(present)
  }
  const changed = copyForm(form)
  changed.append(name, value)
  return changedTo(changed)
}
