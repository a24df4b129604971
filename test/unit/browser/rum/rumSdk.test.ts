// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseUrl } from '../../../../src/browser/networkUrl.js'
import { createRumSdk } from '../../../../src/browser/rum/rumSdk.js'

// All that is needed of a page: a document for each mutant would take minutes.
vi.hoisted(() => {
  vi.stubGlobal('document', { baseURI: 'http://localhost:3000/' })
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('location', { origin: 'https://page.test' })
})

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

interface Given {
  version?: unknown
  context?: unknown
  configuration?: object
  later?: object | undefined
  hook?: unknown
  timeout?: number
  api?: object
}

function sdk({ version = '7.16.2', context, configuration = {}, later, hook, timeout = 500, api = {} }: Given = {}) {
  const publicApi = {
    version,
    getInternalContext: () => context,
    getInitConfiguration: () => later,
    getUser: () => ({ id: 'the user' }),
    getAccount: () => ({ id: 'the account' }),
    ...api,
  }
  const rum = createRumSdk({ initConfiguration: configuration, publicApi, registerAssembleEventHook: hook }, timeout)
  sdks.push(rum)
  return rum
}
const sdks: Array<ReturnType<typeof createRumSdk>> = []
afterEach(() => {
  for (const { endWaits } of sdks.splice(0)) {
    endWaits()
  }
})

describe('the version of the SDK', () => {
  it.each([
    ['7.16.2', 7.16],
    ['6.1.0', 6.01],
    ['6.10.1', 6.1],
    ['5.35.1', 5.35],
    ['10.0.0', 10],
    ['8', 8],
    ['0.0.1', 7],
    ['dev', 7],
    [undefined, 7],
    [null, 7],
  ])('%s is %d', (version, expected) => {
    expect(sdk({ api: { version } }).version).toBe(expected)
  })
})

describe('the session of a call', () => {
  it('is the one that RUM has now, without the user', () => {
    expect(sdk({ context: { session_id: ID } }).identify(false)).toEqual({ sessionId: ID, others: [] })
  })

  it('is asked for each call', () => {
    const getInternalContext = vi.fn(() => ({ session_id: ID }))
    const { identify } = sdk({ api: { getInternalContext } })
    identify(false)
    getInternalContext.mockReturnValue({ session_id: 'another' })
    expect(identify(false)).toMatchObject({ sessionId: 'another' })
  })

  it('comes with user and account by the keys of baggage, where it is asked for', () => {
    expect(sdk({ context: { session_id: ID } }).identify(true)).toEqual({
      sessionId: ID,
      others: [
        ['user.id', 'the user'],
        ['account.id', 'the account'],
      ],
    })
  })

  it('comes without an account in SDKs that know none', () => {
    const rum = sdk({ context: { session_id: ID }, api: { getAccount: undefined } })
    expect(rum.identify(true)).toMatchObject({
      others: [
        ['user.id', 'the user'],
        ['account.id', undefined],
      ],
    })
  })

  const NO_SESSION = [undefined, null, {}, { session_id: '' }, { session_id: 7 }, { session_id: { a: 1 } }]
  it.each<[name: string, Given, isStarted: boolean, expected: string]>([
    ['before RUM has started', {}, false, 'RUM has not started'],
    ['in SDK 6, too', { version: '6.33.0' }, false, 'RUM has not started'],
    ['in SDK 5, which does not say', { version: '5.35.1' }, false, 'no tracked session (not sampled, or expired)'],
    ['after it has started', {}, true, 'no tracked session (not sampled, or expired)'],
    ['without consent', { configuration: { trackingConsent: 'not-granted' } }, false, 'RUM waits for consent'],
    ['with consent', { configuration: { trackingConsent: 'granted' } }, false, 'RUM has not started'],
  ])('is none %s, and says why', (_name, given, isStarted, expected) => {
    for (const context of NO_SESSION) {
      const rum = sdk({ ...given, context })
      if (isStarted) {
        rum.onStart()
      }
      expect(rum.identify(true)).toBe(expected)
    }
  })

  it('is none in a WebView whose app has the session', () => {
    const application_id = '00000000-aaaa-0000-aaaa-000000000000'
    expect(sdk({ context: { session_id: ID, application_id } }).identify(false)).toBe(
      "the session is that of the WebView's app",
    )
  })
})

const IDS = { applicationId: 'a', clientToken: 'b' }

describe('the wait for RUM', () => {
  it.each<[name: string, Given, expected: boolean]>([
    ['is on', {}, true],
    ['is off where the option says so', { timeout: 0 }, false],
    ['is off without consent', { configuration: { trackingConsent: 'not-granted' } }, false],
    ['is on with consent', { configuration: { trackingConsent: 'granted' } }, true],
    ['is on with both ids', { configuration: IDS }, true],
    ['is off without a client token', { configuration: { applicationId: 'a' } }, false],
    ['is off with an empty application id', { configuration: { ...IDS, applicationId: '' } }, false],
    ['is off without any', { configuration: { applicationId: undefined, clientToken: undefined } }, false],
    ['is on where a server gives it', { configuration: { clientToken: 'b', remoteConfigurationId: 'c' } }, true],
    ['is on on an allowed origin', { configuration: { allowedTrackingOrigins: [/page/, 'https://a.test'] } }, true],
    ['is on on this origin', { configuration: { allowedTrackingOrigins: ['https://page.test'] } }, true],
    ['is off on another origin', { configuration: { allowedTrackingOrigins: ['https://page.tes', /other/] } }, false],
    ['is off on all origins', { configuration: { allowedTrackingOrigins: [] } }, false],
  ])('%s, until it starts', (_name, given, expected) => {
    const rum = sdk(given)
    expect(rum.sessionWait() !== undefined).toBe(expected)
    rum.onStart()
    expect(rum.sessionWait()).toBeUndefined()
  })

  it('follows what the page sets as consent, before init and after it', () => {
    const setTrackingConsent = vi.fn()
    // The API is the same object for each `init`.
    const publicApi = { getInternalContext: () => undefined, getUser: () => ({}), setTrackingConsent }
    const create = (configuration: object) => {
      const rum = createRumSdk({ initConfiguration: configuration, publicApi }, 500)
      sdks.push(rum)
      return rum
    }
    const first = create({})
    publicApi.setTrackingConsent('not-granted')
    expect(first.sessionWait()).toBeUndefined()
    expect(first.identify(false)).toBe('RUM waits for consent')
    expect(create({ trackingConsent: 'granted' }).sessionWait()).toBeUndefined()
    publicApi.setTrackingConsent('granted')
    expect(create({ trackingConsent: 'not-granted' }).sessionWait()).toBeDefined()
    expect(setTrackingConsent.mock.calls).toEqual([['not-granted'], ['granted']])
  })
})

it.each([
  ['7.16.2', undefined, false, false],
  ['7.16.2', undefined, true, true],
  // It does not say so, but it has a context then.
  ['5.35.1', undefined, true, false],
  ['5.35.1', {}, false, true],
])('SDK %s with the context %j, told of its start: %s, has started: %s', (version, context, isTold, expected) => {
  const rum = sdk({ version, context })
  if (isTold) {
    rum.onStart()
  }
  expect(rum.hasStarted()).toBe(expected)
})

describe('the configuration of RUM', () => {
  const url = 'https://agent.test/'
  const traced = { allowedTracingUrls: ['https://agent.test'] }
  const traces = (rum: ReturnType<typeof sdk>) => rum.headersFor(url, ID).traceIds

  it.each<[name: string, configuration: object, later: object | undefined, expected: boolean]>([
    ['that of init', traced, {}, true],
    ['that of init, without tracing', {}, traced, false],
    ['the remote one', { remoteConfiguration: { id: 'a' } }, traced, true],
    ['the remote one, by its id', { remoteConfigurationId: 'a' }, traced, true],
    [
      'that of init where the SDK does not tell the remote one',
      { ...traced, remoteConfigurationId: 'a' },
      undefined,
      true,
    ],
  ])('once it has started is %s', (_name, configuration, later, expected) => {
    const rum = sdk({ configuration, later })
    expect(traces(rum)).toBe('allowedTracingUrls' in configuration)
    rum.onStart()
    expect(traces(rum)).toBe(expected)
    expect(rum.tracesWithoutIds(url)).toBe(false)
  })

  it('is that of init in SDKs that do not tell it', () => {
    const rum = sdk({
      configuration: { ...traced, remoteConfigurationId: 'a' },
      api: { getInitConfiguration: undefined },
    })
    rum.onStart()
    expect(traces(rum)).toBe(true)
  })

  it('is read by the rules of its version', () => {
    const configuration = { ...traced, traceSampleRate: 0 }
    expect(traces(sdk({ version: '5.35.1', configuration }))).toBe(true)
    expect(traces(sdk({ version: '7.0.0', configuration }))).toBe(false)
    expect(sdk({ version: '5.35.1', configuration }).tracesWithoutIds(url)).toBe(false)
    expect(sdk({ version: '7.0.0', configuration }).tracesWithoutIds(url)).toBe(true)
  })

  it.each([
    ['6.1.0', false],
    ['6.7.9', false],
    ['6.8.0', true],
    ['6.33.0', true],
    ['7.0.0', true],
    ['7', true],
    ['dev', true],
    ['5.35.1', false],
  ])('SDK %s knows baggage: %s', (version, expected) => {
    const rum = sdk({ version, configuration: { ...traced, propagateTraceBaggage: true } })
    expect(rum.headersFor(url, ID).baggage).toBe(expected)
  })

  it('says which URLs are its own', () => {
    const { isOwnUrl } = sdk({ configuration: { proxy: '/proxy' } })
    const isOwn = (text: string) => isOwnUrl(parseUrl(text, document.baseURI) ?? expect.fail())
    expect([isOwn('/proxy?ddforward=a'), isOwn('/other')]).toEqual([true, false])
  })
})

it('events can be told of calls where the SDK has a hook for that', () => {
  expect(sdk({ hook: () => {} }).hasEventHook).toBe(true)
  expect(sdk().hasEventHook).toBe(false)
})
