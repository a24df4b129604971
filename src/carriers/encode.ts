import * as natives from '../defence/natives.js'

/** `encodeURIComponent`, as it was when the package was loaded. */
export const encode = natives.encodeURIComponent
