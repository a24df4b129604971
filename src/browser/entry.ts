import type { NetworkUrl } from './call.js'
import type { Carrier } from './options.js'

/** Which URLs an entry takes. */
export interface Matcher {
  readonly matches: (url: Pick<NetworkUrl, 'href'>) => boolean
  /**
   * The start of all URLs that the entry takes, once they are parsed; `wss` URLs are taken besides
   * those of `https`, `ws` besides `http`. `undefined` for a RegExp or a function.
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
