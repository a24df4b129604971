import * as natives from '../defence/natives.js'

/** `encodeURIComponent`. It remembers results: the same names and ids come again and again. */
export const encode = natives.encodeURIComponent
