/** The options of the RUM SDK by which its own calls go elsewhere than to Datadog. */
export interface RumUrlConfiguration {
  remoteConfigurationProxy?: string | undefined
  proxy?: string | ((options: { path: string; parameters: string }) => string) | undefined
}

/** Names that the SDK's intake paths end with (`/api/v2/<track>`). */
const TRACKS = ['rum', 'replay', 'profile', 'logs']

/**
 * Creates a test for the URLs from which the RUM SDK loads its remote configuration, and to which it sends through its proxy.
 * Most of the latter show in their parameters what they are; this also takes those of a proxy function that hides them.
 */
export function createRumUrlTest({ proxy, remoteConfigurationProxy }: RumUrlConfiguration): (url: URL) => boolean {
  const endpoints = new Set<string>()
  const add = (url: () => string) => {
    try {
      endpoints.add(endpointOf(new URL(url(), document.baseURI)))
    } catch {
      // The SDK's own calls will fail on it, too.
    }
  }
  if (remoteConfigurationProxy) {
    add(() => remoteConfigurationProxy)
  }
  if (typeof proxy === 'function') {
    for (const track of TRACKS) {
      add(() => proxy({ path: `/api/v2/${track}`, parameters: '' }))
    }
  }
  return (url) =>
    endpoints.has(endpointOf(url)) ||
    url.host.startsWith('sdk-configuration.browser-intake-') ||
    (typeof proxy === 'string' && url.searchParams.has('ddforward'))
}

function endpointOf({ origin, pathname }: URL) {
  return origin + pathname
}
