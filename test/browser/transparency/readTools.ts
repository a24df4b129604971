import type { Unchecked } from '../../support/outcome.js'

/**
 * Makes, in the page, values that note in `log` when they are read. Refers to nothing outside itself.
 *
 * @param initMembers - The names of the members that the browser reads of an init.
 */
export function readTools(initMembers: string[]) {
  const log: string[] = []
  return {
    log,

    /** An init with a JSON body. */
    json: { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' },

    /** A value that notes its conversion to a text. */
    noted: (name: string, value: string): Unchecked => ({
      toString() {
        log.push(name)
        return value
      },
    }),

    /** An object that has its members in a get trap alone. */
    trapped: (members: object): Unchecked =>
      new Proxy(
        {},
        {
          get(_, name) {
            log.push(String(name))
            return Reflect.get(members, name)
          },
        },
      ),

    /** An object whose members are getters of its class, and not enumerable. */
    instance(members: object): Unchecked {
      class Options {}
      for (const name of initMembers) {
        const get = () => {
          log.push(name)
          return Reflect.get(members, name)
        }
        Object.defineProperty(Options.prototype, name, { get })
      }
      return new Options()
    },

    /** The object, whose members can be read and listed. */
    spy: <T extends object>(target: T): T =>
      new Proxy(target, {
        get(_, name) {
          log.push(`get ${String(name)}`)
          return Reflect.get(target, name)
        },
        ownKeys() {
          log.push('ownKeys')
          return Reflect.ownKeys(target)
        },
        has(_, name) {
          log.push(`has ${String(name)}`)
          return name in target
        },
      }),

    /** Makes a call by XHR, and waits for its end. */
    xhr: (openArguments: unknown[], headers: unknown[][], body: Unchecked): Promise<XMLHttpRequest> => {
      const request: Unchecked = new XMLHttpRequest()
      request.open(...openArguments)
      for (const header of headers) {
        request.setRequestHeader(...header)
      }
      return new Promise((resolve) => {
        request.onloadend = () => resolve(request)
        request.send(body)
        if (openArguments[2] === false) {
          resolve(request)
        }
      })
    },
  }
}

/** In the page: a call to a path. */
export type ReadCall = (tools: ReturnType<typeof readTools> & { path: string }) => Promise<{ status: number }>
