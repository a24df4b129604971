import { isIntakeUrl } from '@datadog/js-core/transport'
import type { Call, NetworkUrl } from './call.js'
import type { Entry } from './entry.js'
import { createUrlParser } from './networkUrl.js'
import type { Answer } from './outcome.js'

/** What the transports know of a plugin instance. It may come from another copy of the package. */
export interface Instance {
  readonly entries: readonly Entry[]
  /**
   * Decides about a call that an entry takes, and reports it if the decision is final. Returns
   * `undefined` if there is no session.
   *
   * @param describe - Called only if the call may change.
   */
  correlate(route: Route, describe: () => Call): Answer | undefined
  /** Whether neither headers nor a body can change the carrier, so that the URL is final at once. */
  isDecidedByUrl(entry: Entry, hasBody: boolean): boolean
  /** Whether the RUM SDK itself calls this URL: through a proxy, or for its remote configuration. */
  isRumUrl(url: NetworkUrl): boolean | undefined
  /** Hears of each URL that no entry takes. */
  readonly onMiss: ((url: NetworkUrl) => void) | undefined
  /** Hears of each failure of the plugin that the page does not see. */
  onFailure(failure: unknown): void
}

/** An entry that takes a call, and the instance that it belongs to. */
export interface Route {
  readonly url: NetworkUrl
  readonly entry: Entry
  readonly instance: Instance
}

/** The routes of a call: the first entry of each instance that takes it, the oldest instance first. */
export type Routes = readonly [Route, ...Route[]]

export type Router = ReturnType<typeof createRouter>

/** The plugin instances of a page, and which calls they take. */
export function createRouter() {
  // The oldest comes last.
  let instances: Instance[] = []
  const parse = createUrlParser()

  return {
    add(instance: Instance) {
      if (!instances.includes(instance)) {
        instances = [instance, ...instances]
      }
    },

    /** Returns whether others are left. */
    remove(instance: Instance): boolean {
      instances = instances.filter((other) => other !== instance)
      return instances.length > 0
    },

    /**
     * Finds the routes of a call by its URL, which may be relative. `undefined`: the URL is not known.
     * Reads the method only if an entry has `methods`.
     */
    find(input: string | undefined, methodOf: (url: NetworkUrl) => string): Routes | undefined {
      const url = input === undefined ? undefined : parse(input)
      return url && findRoutes(instances, url, () => methodOf(url))
    },

    /** Tells all instances of a failure. It never throws: whoever calls it has to go on. */
    onFailure(failure: unknown) {
      try {
        for (const instance of instances) {
          instance.onFailure(failure)
        }
      } catch {
        // Nobody else can be told.
      }
    },
  }
}

function findRoutes(instances: readonly Instance[], url: NetworkUrl, methodOf: () => string): Routes | undefined {
  const takes = ({ matches, methods }: Entry) =>
    matches(url) && (!methods || methods.includes(methodOf().toUpperCase()))
  const isRums = () => isIntakeUrl(url.href) || instances.some((instance) => instance.isRumUrl(url))
  let routes: Route[] | undefined
  for (const instance of instances) {
    const entry = instance.entries.find(takes)
    if (entry) {
      routes = [{ url, entry, instance }, ...(routes ?? [])]
    } else if (instance.onMiss && !isRums()) {
      instance.onMiss(url)
    }
  }
  return routes && !isRums() ? (routes as unknown as Routes) : undefined
}
