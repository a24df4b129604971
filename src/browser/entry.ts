import type { NetworkUrl } from './call.js'
import type { Carrier } from './options.js'

/** Which URLs an entry takes. */
export interface Matcher {
  readonly matches: (url: Pick<NetworkUrl, 'href'>) => boolean
  /**
   * How all parsed URLs begin that the entry takes. `https` also stands for `wss`, `http` for `ws`.
   * `undefined` for a RegExp or a function.
   */
  readonly prefix: string | undefined
}

/** An entry of `origins`, checked and completed with its defaults. */
export interface Entry extends Matcher {
  /** The HTTP methods that it takes, in upper case. `undefined`: all. */
  readonly methods: readonly string[] | undefined
  readonly carrier: Carrier
  readonly field: string
  /** The parts of `field`. */
  readonly path: readonly string[]
  /** The name of the query parameter and of the form field: the last part of `field`. */
  readonly name: string
  readonly propagateUser: boolean
  /** The entry as the page wrote it, for console messages. */
  readonly label: string
}
