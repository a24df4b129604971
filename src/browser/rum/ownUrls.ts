import * as natives from '../../defence/natives.js'
import type { NetworkUrl } from '../call.js'
import { endpointOf, parseUrl } from '../networkUrl.js'

/** The options of the RUM SDK that send its own calls to other servers than Datadog's. */
export interface OwnUrlConfiguration {
  remoteConfigurationProxy?: string | undefined
  proxy?: string | ((...args: unknown[]) => string) | undefined
}

/** The SDK asks its proxy function right before each call, so old answers are not needed. */
const MAX_ANSWERS = 100

/**
 * Creates a test for the RUM SDK's own URLs: its proxy, and its remote configuration.
 *
 * Nothing in the URL of a proxy function needs to show that it is RUM's. So this replaces the
 * function in the configuration by one that remembers its answers. The SDK reads the configuration
 * after the plugins, because plugins may set options.
 */
export function createRumUrlTest(configuration: OwnUrlConfiguration): (url: NetworkUrl) => boolean {
  const { proxy, remoteConfigurationProxy } = configuration
  const resolve = (url: string | undefined) => url && parseUrl(url, document.baseURI)?.href
  let answers: unknown[] = []
  if (typeof proxy === 'function') {
    // Fails without an exception if the configuration is frozen.
    natives.Reflect.set(configuration, 'proxy', (...args: unknown[]) => {
      const answer = proxy(...args)
      answers = [resolve(answer), ...answers.slice(0, MAX_ANSWERS)]
      return answer
    })
  }
  const remoteConfiguration = resolve(remoteConfigurationProxy)
  return ({ href }) =>
    answers.includes(href) ||
    (!!remoteConfiguration && endpointOf(href) === remoteConfiguration) ||
    href.startsWith('https://sdk-configuration.browser-intake-') ||
    (typeof proxy === 'string' && /[?&]ddforward=/.test(href))
}
