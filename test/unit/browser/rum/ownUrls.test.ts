// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { parseUrl } from '../../../../src/browser/networkUrl.js'
import { createRumUrlTest, type OwnUrlConfiguration } from '../../../../src/browser/rum/ownUrls.js'

// All that is needed of a page: a document for each mutant would take minutes.
vi.stubGlobal('document', { baseURI: 'http://localhost:3000/' })

const isOwn = (configuration: OwnUrlConfiguration, url: string) =>
  createRumUrlTest(configuration)(parseUrl(url, document.baseURI) ?? expect.fail(url))

describe('a URL is one of the RUM SDK itself', () => {
  it.each<[name: string, OwnUrlConfiguration, url: string, expected: boolean]>([
    ['nothing is configured', {}, '/chat?ddforward=x', false],
    ['a proxy', { proxy: '/proxy' }, '/proxy?ddforward=%2Fapi', true],
    ['a proxy, further on in the query', { proxy: '/proxy' }, '/proxy?a=1&ddforward=%2Fapi', true],
    ['a call without what it forwards', { proxy: '/proxy' }, '/proxy?a=1', false],
    ['a name that only ends so', { proxy: '/proxy' }, '/proxy?addforward=1', false],
    ['a proxy function that was not asked', { proxy: () => '/proxy' }, '/proxy?ddforward=1', false],
    ['the remote configuration', {}, 'https://sdk-configuration.browser-intake-datadoghq.com/v1/a.json', true],
    ['what only looks like it', {}, 'https://a.test/https://sdk-configuration.browser-intake-datadoghq.com', false],
    ['its proxy', { remoteConfigurationProxy: '/config' }, '/config', true],
    ['its proxy with a query and a hash', { remoteConfigurationProxy: '/config' }, '/config?id=1#a', true],
    ['a path below its proxy', { remoteConfigurationProxy: '/config' }, '/config/a', false],
    ['no proxy for it', { remoteConfigurationProxy: '' }, '/', false],
    ['a proxy for it that is no URL', { remoteConfigurationProxy: 'http://[' }, '/', false],
  ])('with %s', (_name, configuration, url, expected) => {
    expect(isOwn(configuration, url)).toBe(expected)
  })
})

describe('a proxy function', () => {
  it('goes on as it was, and what it answers are URLs of the SDK', () => {
    const proxy = vi.fn(({ path }: { path: string }) => `/hidden${path}`)
    const configuration: OwnUrlConfiguration = { proxy: proxy as never }
    const test = createRumUrlTest(configuration)
    const isOwnUrl = (url: string) => test(parseUrl(url, document.baseURI) ?? expect.fail(url))
    const ask = configuration.proxy as unknown as typeof proxy
    expect(isOwnUrl('/hidden/1')).toBe(false)
    expect(ask({ path: '/1' })).toBe('/hidden/1')
    expect(proxy).toHaveBeenCalledWith({ path: '/1' })
    expect(ask({ path: '/2' })).toBe('/hidden/2')
    expect(['/hidden/1', '/hidden/2', '/hidden/3'].map(isOwnUrl)).toEqual([true, true, false])
    expect(isOwnUrl('https://other.test/hidden/1')).toBe(false)
    for (let index = 0; index < 200; index += 1) {
      ask({ path: `/many/${index}` })
    }
    expect(['/hidden/1', '/hidden/many/0', '/hidden/many/150', '/hidden/many/199'].map(isOwnUrl)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it.each([undefined, '', 'http://['])('may answer %j, which is no URL', (answer) => {
    const configuration = { proxy: () => answer as string }
    const test = createRumUrlTest(configuration)
    expect(configuration.proxy()).toBe(answer)
    expect(test(parseUrl('/', document.baseURI) ?? expect.fail())).toBe(false)
  })

  it('in a configuration that cannot be changed stays as it is', () => {
    const proxy = () => '/hidden'
    const configuration = Object.freeze({ proxy })
    expect(isOwn(configuration, '/hidden')).toBe(false)
    expect(configuration.proxy).toBe(proxy)
  })

  it('that is none stays as it is', () => {
    const configuration = { proxy: '/proxy' }
    createRumUrlTest(configuration)
    expect(configuration).toEqual({ proxy: '/proxy' })
  })
})
