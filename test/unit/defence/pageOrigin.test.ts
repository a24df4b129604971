import { afterEach, describe, expect, it, vi } from 'vitest'
import { pageOrigin } from '../../../src/defence/pageOrigin.js'

afterEach(() => vi.unstubAllGlobals())

describe("the page's origin", () => {
  const load = async () => (await import('../../../src/defence/pageOrigin.js')).pageOrigin

  it('is that of its address, whatever it makes of window.origin', () => {
    vi.stubGlobal('origin', 'https://evil.test')
    expect(pageOrigin()).toBe('http://localhost:3000')
  })

  it('is none where there is no page', () => {
    vi.stubGlobal('location', undefined)
    expect(pageOrigin()).toBeUndefined()
  })

  it('of a document that has none is what the window had at first', async () => {
    vi.resetModules()
    vi.stubGlobal('location', { origin: 'null' })
    vi.stubGlobal('origin', 'https://first.test')
    const later = await load()
    vi.stubGlobal('origin', 'https://evil.test')
    expect(later()).toBe('https://first.test')
  })

  it('is none of such a document where the window does not tell', async () => {
    vi.resetModules()
    vi.stubGlobal('location', { origin: 'null' })
    Object.defineProperty(globalThis, 'origin', {
      configurable: true,
      get() {
        throw new Error('on purpose')
      },
    })
    const later = await load()
    expect(later()).toBeUndefined()
    Reflect.deleteProperty(globalThis, 'origin')
  })
})
