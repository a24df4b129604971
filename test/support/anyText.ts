import fc from 'fast-check'

/** Text of any characters, lone surrogates among them. `unit: 'binary'` is the same, and takes a second to be made in each process. */
export const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
})
