// @ts-check
/** @param {number | undefined} ms */
export const duration = (ms) => {
  if (ms === undefined) return ''
  if (ms < 1) return '<1 ms'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`
}

/** @param {number} ms */
export const time = (ms) => new Date(ms).toLocaleTimeString('en-GB')

/**
 * @param {number} number
 * @param {string} noun
 */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`
