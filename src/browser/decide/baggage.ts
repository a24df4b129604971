import { addBaggage, BAGGAGE, readBaggage, SESSION_MEMBER } from '../../carriers/baggage.js'
import { alreadySet, carried, next } from '../outcome.js'
import type { Strategy } from './strategy.js'

/** Adds members to the `baggage` header, unless the RUM SDK itself will. */
export const inBaggage: Strategy = ({ headers }, _entry, { sessionId, others, rumHeaders }) => {
  const own = headers.get(BAGGAGE) ?? ''
  const present = readBaggage(own, SESSION_MEMBER)
  if (present !== undefined && present !== sessionId) {
    return alreadySet('baggage', BAGGAGE, present, sessionId)
  }
  if (rumHeaders().baggage) {
    return carried('baggage')
  }
  let whole = addBaggage(own, SESSION_MEMBER, sessionId)
  if (whole === undefined) {
    return next('no room')
  }
  for (const [key, id] of others) {
    // User and account are left out if they do not fit.
    whole = typeof id === 'string' ? (addBaggage(whole, key, id) ?? whole) : whole
  }
  if (whole === own) {
    return carried('baggage')
  }
  const value = whole.slice(own.length).replace(/^,/, '')
  return carried('baggage', { headers: [{ how: 'append', name: BAGGAGE, value }] })
}
