// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addFormField, readAllFormFields, readFormField } from '../../../src/carriers/formField.js'
import { wellFormed } from '../../support/wellFormed.js'

const names = fc.oneof(
  fc.constantFrom('session_id', 'a', 'é', 'a b', 'a+b', 'a&b', 'a=b', '%'),
  fc.string({ minLength: 1 }),
)
const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

describe('a form field', () => {
  const pairs = fc.array(fc.tuple(names, fc.string()), { maxLength: 6 })

  it.each([URLSearchParams, FormData])('is added to a copy of %o', (Form) => {
    fc.assert(
      fc.property(pairs, names, (fields, name) => {
        const form = new Form()
        for (const [key, value] of fields) {
          form.append(key, value)
        }
        const before = [...form]
        const added = addFormField(form, name, ID)
        expect([...form]).toEqual(before)
        if (form.has(name)) {
          expect(added).toEqual({ present: form.get(name) })
          expect(readFormField(form, name)).toBe(form.get(name))
        } else {
          const { changed } = added as { changed: typeof form }
          expect(readAllFormFields(changed, name)).toEqual([ID])
          expect(changed).toBeInstanceOf(Form)
          expect([...changed]).toEqual([...before, [wellFormed(name), ID]])
        }
      }),
    )
  })

  it('leaves files and their names in the copy', () => {
    const form = new FormData()
    form.append('f', new File(['x'], 'n.txt', { type: 'text/x' }))
    const { changed } = addFormField(form, 'session_id', ID) as { changed: FormData }
    const file = changed.get('f') as File
    expect([file.name, file.type, file.size]).toEqual(['n.txt', 'text/x', 1])
  })
})
