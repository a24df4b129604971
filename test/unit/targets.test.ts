import { describe, expect, it } from 'vitest'
import { readOptions } from '../../src/options.js'
import { type Correlator, createTargets } from '../../src/targets.js'

function correlatorOf(...origins: unknown[]): Correlator {
  return {
    entries: readOptions(origins, (message) => expect.fail(message)).entries,
    identify: () => undefined,
    decide: () => expect.fail('nothing is to be decided'),
    skip: () => undefined,
    startup: () => undefined,
    isRumUrl: (url) => url.pathname === '/rum-proxy',
    annotates: () => false,
  }
}

describe('targets', () => {
  it('are found for absolute and relative URLs, time and again', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/api'))
    for (let round = 0; round < 3; round += 1) {
      expect(targets.find('/api/chat')?.url.href).toBe('http://localhost:3000/api/chat')
      expect(targets.find('http://localhost:3000/api')).toBeDefined()
      expect(targets.find('/other')).toBeUndefined()
      expect(targets.find('http://localhost:3001/api')).toBeUndefined()
    }
  })

  it('are looked for again when the base of relative URLs changes', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/api'))
    expect(targets.find('chat')).toBeUndefined()
    const base = document.head.appendChild(document.createElement('base'))
    base.href = '/api/'
    expect(targets.find('chat')).toBeDefined()
    base.href = 'https://elsewhere.test/api/'
    expect(targets.find('chat')).toBeUndefined()
    expect(targets.find('/api')).toBeUndefined()
    base.remove()
    expect(targets.find('/api')).toBeDefined()
  })

  it('are asked of a function each time', () => {
    let answer = false
    const targets = createTargets()
    targets.add(correlatorOf(() => answer))
    expect(targets.find('/api')).toBeUndefined()
    answer = true
    expect(targets.find('/api')).toBeDefined()
  })

  it('come from the first instance that takes the URL, and go with it', () => {
    const targets = createTargets()
    const first = correlatorOf('/api/a')
    const second = correlatorOf('/api')
    targets.add(first)
    targets.add(second)
    targets.add(first)
    expect(targets.find('/api/a')?.correlator).toBe(first)
    expect(targets.find('/api/b')?.correlator).toBe(second)
    expect(targets.remove(first)).toBe(true)
    expect(targets.find('/api/a')?.correlator).toBe(second)
    expect(targets.remove(second)).toBe(false)
    expect(targets.find('/api/a')).toBeUndefined()
  })

  it('are not forgotten by an instance that is added later', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/a'))
    expect(targets.find('/b')).toBeUndefined()
    targets.add(correlatorOf('/b'))
    expect(targets.find('/b')).toBeDefined()
  })

  it.each([
    'data:text/plain,agent',
    'blob:http://localhost:3000/0d2a1c9e',
    'about:blank',
    'file:///agent',
    'javascript:agent',
    'http://',
    'http://[',
  ])('are never %s', (url) => {
    const targets = createTargets()
    targets.add(correlatorOf(/./, () => true))
    expect(targets.find(url)).toBeUndefined()
  })

  it.each([
    'https://browser-intake-datadoghq.com/api/v2/rum?ddsource=browser&dd-api-key=k&dd-request-id=i',
    '/proxy?ddforward=%2Fapi%2Fv2%2Frum%3Fddsource%3Dbrowser%26dd-api-key%3Dk%26dd-request-id%3Di',
    '/rum-proxy',
  ])('are never calls of the RUM SDK: %s', (url) => {
    const targets = createTargets()
    targets.add(correlatorOf(/./))
    expect(targets.find(url)).toBeUndefined()
    expect(targets.find(url)).toBeUndefined()
  })

  it('stay right however many URLs are asked for', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/api'))
    for (let index = 0; index < 2000; index += 1) {
      expect(targets.find(`/other/${index}`)).toBeUndefined()
      expect(targets.find(`/api/${index}`)).toBeDefined()
    }
  })
})
