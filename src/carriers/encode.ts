import { encodeURIComponent } from '../lib/globals.js'
import { memoize } from '../lib/memoize.js'

/** `encodeURIComponent`, of names and ids that come again and again. */
export const encode = memoize(encodeURIComponent)
