import fc from 'fast-check'

/**
 * Text of any characters, lone surrogates included. `unit: 'binary'` generates the same, but takes
 * a second to start in each process.
 */
export const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
})
