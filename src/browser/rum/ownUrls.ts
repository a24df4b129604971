import { Reflect } from '../../lib/globals.js'
import { endpointOf, type NetworkUrl, parseUrl } from '../networkUrl.js'

/** The options of the RUM SDK by which its own calls go elsewhere than to Datadog. */
export interface OwnUrlConfiguration {
  remoteConfigurationProxy?: string | undefined
  proxy?: string | ((...args: unknown[]) => string) | undefined
}

/** The SDK asks its proxy function right before each call: only the last answers are still to come back as calls. */
const MAX_ANSWERS = 100

/**
 * Creates a test for the URLs from which the RUM SDK loads its remote configuration, and to which it sends through its proxy.
 *
 * A proxy function may hide from its URLs all that tells what they are. So that of the configuration, which the SDK reads after
 * its plugins (its own ones set options, too), is replaced by one that keeps what it answers.
 */
export function createRumUrlTest(configuration: OwnUrlConfiguration): (url: NetworkUrl) => boolean {
  const { proxy, remoteConfigurationProxy } = configuration
  const resolve = (url: string | undefined) => url && parseUrl(url, document.baseURI)?.href
  let answers: unknown[] = []
  if (typeof proxy === 'function') {
    // In a configuration that cannot be changed it stays as it is.
    Reflect.set(configuration, 'proxy', (...args: unknown[]) => {
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
