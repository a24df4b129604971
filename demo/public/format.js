export const duration = (ms) => {
  if (ms === undefined) return ''
  if (ms < 1) return '<1 ms'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`
}

export const time = (ms) => new Date(ms).toLocaleTimeString('en-GB')

export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`
