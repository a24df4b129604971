import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import type { Page } from '../../support/openPage.js'
import { openForSteps, run, type Script, SHAPES } from './xhrSteps.js'

const MODES = ['asynchronous', 'synchronous'] as const

let page: Page
beforeAll(async () => {
  page = await openForSteps()
})
afterAll(() => page?.close())

/** What a page does. All requests must carry the id, but for those to where no entry matches. */
const CASES = {
  'nothing else': ({ first, open, send }) => {
    open(first)
    send()
  },
  'open again': ({ xhr, first, second, open, send }) => {
    open(first)
    xhr.setRequestHeader('x-old', '1')
    open(second)
    send()
  },
  'open again by another method': ({ first, second, open, send }) => {
    open(first, 'PUT')
    open(second, 'POST')
    send()
  },
  'open again where no entry matches': ({ first, elsewhere, open, send }) => {
    open(first)
    open(elsewhere)
    send()
  },
  'open again where one matches': ({ second, elsewhere, open, send }) => {
    open(elsewhere)
    open(second)
    send()
  },
  'open inside readystatechange': ({ first, second, open, send, onOpened }) => {
    onOpened(() => open(second))
    open(first)
    send()
  },
  'open inside readystatechange by another method': ({ first, second, open, send, onOpened }) => {
    onOpened(() => open(second, 'PUT'))
    open(first)
    send()
  },
  'open inside readystatechange where no entry matches': ({ first, elsewhere, open, send, onOpened }) => {
    onOpened(() => open(elsewhere))
    open(first)
    send()
  },
  'open inside readystatechange where one matches': ({ second, elsewhere, open, send, onOpened }) => {
    onOpened(() => open(second))
    open(elsewhere)
    send()
  },
  'send inside readystatechange': ({ first, open, send, onOpened }) => {
    onOpened(send)
    open(first)
  },
  'send inside onreadystatechange': ({ xhr, first, open, send }) => {
    xhr.onreadystatechange = () => xhr.readyState === 1 && send()
    open(first)
  },
  'send inside readystatechange, and again': ({ first, open, send, onOpened }) => {
    onOpened(send)
    open(first)
    send()
  },
  'open and send inside readystatechange': ({ first, second, open, send, onOpened }) => {
    onOpened(() => {
      open(second)
      send()
    })
    open(first)
  },
  'open and send inside readystatechange where no entry matches': ({ first, elsewhere, open, send, onOpened }) => {
    onOpened(() => {
      open(elsewhere)
      send()
    })
    open(first)
  },
  'open inside readystatechange of a request that was used before': ({
    first,
    second,
    elsewhere,
    open,
    send,
    onOpened,
  }) => {
    open(first)
    send()
    onOpened(() => open(second))
    open(elsewhere)
    send()
  },
  'pushState after open': ({ base, open, send }) => {
    history.pushState(null, '', `${base}/a/`)
    open('b')
    history.pushState(null, '', '/c/d/')
    send()
  },
  'pushState after open to where the URL would match': ({ base, elsewhere, open, send }) => {
    history.pushState(null, '', `${elsewhere}/a/`)
    open('b')
    history.pushState(null, '', `${base}/a/`)
    send()
  },
  'a new <base> after open': ({ base, open, send, newBase }) => {
    newBase(`${base}/a/`)
    open('b')
    newBase('/c/')
    send()
  },
  'a <base> that goes after open': ({ base, open, send, newBase }) => {
    newBase(`${base}/a`)
    open('?b=1')
    document.querySelector('base')?.remove()
    send()
  },
  'a URL object that the page changes': ({ first, elsewhere, open, send }) => {
    const url = new URL(first, location.href)
    open(url)
    url.pathname = elsewhere
    url.search = '?b'
    send()
  },
  'a URL object that the page points to another origin': ({ first, open, send }) => {
    const url = new URL(first, location.href)
    open(url)
    url.port = '1'
    send()
  },
  'a method object that the page changes': ({ method, first, open, send }) => {
    let name = method
    open(first, { toString: () => name })
    name = 'DELETE'
    send()
  },
  'an open that fails': ({ first, second, open, send, attempt }) => {
    open(first)
    attempt(() => open(second, 'a b'))
    send()
  },
  'an open of an invalid URL': ({ first, open, send, attempt }) => {
    open(first)
    attempt(() => open('http://'))
    send()
  },
  'stop before send': ({ first, open, send, restart }) => {
    open(first)
    plugin.stop()
    send()
    restart()
  },
  'stop, and a new start, before send': ({ first, open, send, restart }) => {
    open(first)
    plugin.stop()
    restart()
    send()
  },
  'open again while the plugin is stopped': ({ first, second, open, send, restart }) => {
    open(first)
    plugin.stop()
    open(second)
    restart()
    send()
  },
  'open again while the plugin is stopped, where no entry matches': ({ first, elsewhere, open, send, restart }) => {
    open(first)
    plugin.stop()
    open(elsewhere)
    restart()
    send()
  },
  'open again while the plugin is stopped below another patch': ({ first, elsewhere, open, send, restart }) => {
    const { prototype } = XMLHttpRequest
    const patched = prototype.open
    prototype.open = function (...args: unknown[]) {
      Reflect.apply(patched, this, args)
    }
    try {
      open(first)
      plugin.stop()
      open(elsewhere)
      restart()
      send()
    } finally {
      prototype.open = patched
    }
  },
} satisfies Record<string, Script>
type Case = keyof typeof CASES

interface Remarks {
  /** The last part of a path. The request to it may carry the id, or not. */
  mayCarry?: 'first' | 'second'
  changesAddress?: true
  /** The first request is aborted at once: whether it arrives is a matter of chance. */
  abortsFirst?: true
}
const REMARKS: Partial<Record<Case, Remarks>> = {
  'open inside readystatechange of a request that was used before': { abortsFirst: true },
  'pushState after open': { changesAddress: true },
  'pushState after open to where the URL would match': { changesAddress: true },
  'an open that fails': { mayCarry: 'first' },
  'an open of an invalid URL': { mayCarry: 'first' },
  'stop before send': { mayCarry: 'first' },
  'stop, and a new start, before send': { mayCarry: 'first' },
  'open again while the plugin is stopped': { mayCarry: 'second' },
}

/** WebKit allows 100 changes of the address in ten seconds: there, one request for each carrier makes them. */
const shapesFor = ({ changesAddress }: Remarks) =>
  SHAPES.filter(
    ({ carrier }, index) =>
      ENGINE !== 'webkit' || !changesAddress || SHAPES.findIndex((shape) => shape.carrier === carrier) === index,
  )

const withoutIds = ({ requests }: Awaited<ReturnType<typeof run>>) =>
  requests.map((list) => list.map(({ ids, ...others }) => others))

describe.each(MODES)('%s XHR arrives where and as it would without the plugin', (mode) => {
  const isAsync = mode === 'asynchronous'

  it.each(Object.entries(CASES) as Array<[Case, Script]>)('%s', async (name, script) => {
    const remarks = REMARKS[name] ?? {}
    const plain = await run(page, 'plain', script, isAsync, shapesFor(remarks))
    const agent = await run(page, 'agent', script, isAsync, shapesFor(remarks))
    const isUncertain = (path: string) => remarks.abortsFirst && isAsync && path.endsWith('/first')
    const certain = (result: typeof plain) =>
      withoutIds(result).map((list) => list.filter(({ path }) => !isUncertain(path)))
    expect(certain(agent)).toEqual(certain(plain))
    expect(agent.logs).toEqual(plain.logs)
    for (const { path, ids } of agent.requests.flat()) {
      const expected = path.startsWith('/elsewhere') ? 0 : 1
      const isAny = path.split('/').pop() === remarks.mayCarry
      expect(ids, `times that the id is in the request to ${path}`).toBe(isAny ? ids : expected)
    }
  })

  // Nobody can tell such an `open`: it fires no event. What is added after it goes where it leads, and no URL may change.
  it.each<[name: string, script: Script]>([
    [
      'that an entry matches',
      ({ first, second, open, openNatively, send }) => {
        open(first)
        openNatively(second, 'PUT')
        send()
      },
    ],
    [
      'that none matches',
      ({ first, elsewhere, open, openNatively, send }) => {
        open(first)
        openNatively(elsewhere, 'PUT')
        send()
      },
    ],
  ])('opened again by a native open captured earlier, with a URL %s', async (_, script) => {
    const shapes = SHAPES.filter(({ carrier, headers, bytes }) =>
      carrier === 'trace-tags' ? headers === undefined : bytes === undefined,
    )
    const plain = await run(page, 'plain', script, isAsync, shapes)
    const agent = await run(page, 'agent', script, isAsync, shapes)
    expect(withoutIds(agent)).toEqual(withoutIds(plain))
    expect(agent.logs).toEqual(plain.logs)
  })
})

it('no change of the address was ignored by the browser', () => {
  expect(page.console.filter((message) => message.includes('Throttling'))).toEqual([])
})
