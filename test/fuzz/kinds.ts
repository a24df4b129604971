import * as baggage from './baggage.js'
import * as bodies from './bodies.js'
import * as queries from './queries.js'
import * as traces from './traces.js'
import * as urls from './urls.js'

export { randomOf } from './random.js'

/** What can be made at random, and what must be true of it. */
export const KINDS = { bodies, urls, queries, baggage, traces }
