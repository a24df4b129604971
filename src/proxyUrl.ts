/** The option of the RUM SDK by which its own calls go elsewhere than to Datadog. */
export interface ProxyConfiguration {
  proxy?: string | ((options: { path: string; parameters: string }) => string) | undefined
}

/** Names that the SDK's intake paths end with (`/api/v2/<track>`). */
const TRACKS = ['rum', 'replay', 'profile', 'logs']

/**
 * Creates a test for the URLs to which the RUM SDK sends through its proxy. Most such URLs show in their parameters what
 * they are; this also takes those of a proxy function that hides them.
 */
export function createProxyTest({ proxy }: ProxyConfiguration): (url: URL) => boolean {
  const endpoints = new Set<string>()
  if (typeof proxy === 'function') {
    for (const track of TRACKS) {
      try {
        endpoints.add(endpointOf(new URL(proxy({ path: `/api/v2/${track}`, parameters: '' }), document.baseURI)))
      } catch {
        // The SDK's own calls will fail on it, too.
      }
    }
  }
  return (url) => endpoints.has(endpointOf(url)) || (typeof proxy === 'string' && url.searchParams.has('ddforward'))
}

function endpointOf({ origin, pathname }: URL) {
  return origin + pathname
}
