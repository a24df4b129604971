import { h } from './dom.js'

export const duration = (ms) => {
  if (ms === undefined) return ''
  if (ms < 1) return '<1 ms'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`
}

export const time = (ms) => new Date(ms).toLocaleTimeString('en-GB')

export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`

/** A session id in short, with a swatch in a colour of its own, so that the same session is seen at a glance. */
export function sessionLabel(id) {
  return h('span', { class: 'session-id mono', title: id }, swatch(id), id.slice(0, 8))
}

export function swatch(id) {
  const hue = Number.parseInt(id.replaceAll('-', '').slice(0, 6), 16) % 360 || 0
  return h('i', { class: 'swatch', style: `--hue: ${hue}` })
}
