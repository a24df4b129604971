import { memoize } from '../memoize.js'

/** `encodeURIComponent`, of names and ids that come again and again. */
export const encode = memoize(encodeURIComponent)
