// @vitest-environment node
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LOWEST_RUM_SDKS } from '../support/rumSdks.js'

const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  peerDependencies: Record<string, string>
}

it.each(['@datadog/browser-rum', '@datadog/browser-rum-slim'])(
  'the peer range of %s begins, in each major, with the lowest version that is tested',
  (name) => {
    const lowest = LOWEST_RUM_SDKS.filter((sdk) => sdk.package === name && sdk.isLowest)
    expect(peerDependencies[name]).toBe(lowest.map(({ version }) => `^${version}`).join(' || '))
  },
)
