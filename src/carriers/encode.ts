import * as natives from '../defence/natives.js'
import { memoize } from '../lib/memoize.js'

/** `encodeURIComponent`. It remembers results: the same names and ids come again and again. */
export const encode = memoize(natives.encodeURIComponent)
