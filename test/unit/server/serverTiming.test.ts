// @vitest-environment node
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sayTrace } from '../../../src/server/serverTiming.js'

const OWN = 'dd-llm-trace;desc="5"'

/** The header lines of an answer, as they stand in it, with and without the trace said. */
async function answers(answer: (response: ServerResponse) => void, says: boolean) {
  const server = createServer((_request, response) => {
    if (says) {
      sayTrace(response, '5')
    }
    try {
      answer(response)
    } catch (error) {
      response.statusCode = 500
      response.end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const message = await new Promise<IncomingMessage>((resolve) =>
    get({ port, host: '127.0.0.1', agent: false }, resolve),
  )
  const body = (await message.toArray()).join('')
  server.close()
  const lines = message.rawHeaders.flatMap((name, index, all) => (index % 2 ? [] : [`${name}: ${all[index + 1]}`]))
  return {
    status: [message.statusCode, message.statusMessage],
    body,
    lines: lines.filter((line) => !line.startsWith('Date')),
  }
}

const raw = ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']

describe('an answer that says its trace', () => {
  it.each<[string, (response: ServerResponse) => void, string[]?]>([
    ['end', (response) => response.end('body')],
    [
      'write and end',
      (response) => {
        response.write('a')
        response.end('b')
      },
    ],
    [
      'flushHeaders',
      (response) => {
        response.flushHeaders()
        response.end()
      },
    ],
    ['setHeader', (response) => response.setHeader('A', '1').end()],
    ['writeHead', (response) => response.writeHead(204).end()],
    ['writeHead with a reason', (response) => response.writeHead(200, 'Fine').end()],
    [
      'writeHead with an object',
      (response) => response.writeHead(201, { 'X-A': '1', 'Set-Cookie': ['a=1', 'b=2'] }).end(),
    ],
    ['writeHead with a reason and an object', (response) => response.writeHead(201, 'Fine', { 'X-A': '1' }).end()],
    [
      'writeHead with undefined between',
      (response) => response.writeHead(201, undefined as unknown as string, { 'X-A': '1' }).end(),
    ],
    [
      'writeHead with nothing behind an object',
      (response) => response.writeHead(201, { 'X-A': '1' } as never, undefined).end(),
    ],
    [
      'writeHead with null behind an object',
      (response) => response.writeHead(201, { 'X-A': '1' } as never, null as never).end(),
    ],
    ['writeHead with null', (response) => response.writeHead(201, null as never).end()],
    [
      'writeHead with an object without prototype',
      (response) => response.writeHead(201, Object.assign(Object.create(null), { 'X-A': '1' })).end(),
    ],
    ['writeHead with an empty list', (response) => response.writeHead(200, []).end()],
    ['writeHead with a list', (response) => response.writeHead(200, raw).end()],
    [
      'writeHead with pairs',
      (response) =>
        response
          .writeHead(200, [
            ['X-A', '1'],
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
          ] as unknown as string[])
          .end(),
    ],
    ['writeHead with a list of odd length', (response) => response.setHeader('A', '1').writeHead(200, ['X-A']).end()],
    [
      'writeHead with a list behind setHeader',
      (response) => response.setHeader('A', '1').writeHead(200, ['X-A', '1']).end(),
    ],
    ['writeHead with an invalid value', (response) => response.writeHead(200, { 'X-A': 'a\nb' }).end()],
    ['writeHead with an invalid status', (response) => response.writeHead(5).end()],
    ['writeHead twice', (response) => response.writeHead(200).writeHead(200).end()],
    ['an object with names of other case', (response) => response.writeHead(200, { 'X-A': '1', 'x-a': '2' }).end()],
    ['Server-Timing by setHeader', (response) => response.setHeader('server-timing', 'db;dur=1').end(), ['db;dur=1']],
    [
      'Server-Timing by setHeader, twice',
      (response) => response.setHeader('Server-Timing', ['db;dur=1', 'x']).end(),
      ['db;dur=1', 'x'],
    ],
    [
      'Server-Timing by setHeader before writeHead',
      (response) => response.setHeader('Server-Timing', 'db;dur=1').writeHead(200, { 'X-A': '1' }).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing by setHeader before a list',
      (response) => response.setHeader('Server-Timing', 'db;dur=1').writeHead(200, ['X-A', '1']).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in an object',
      (response) => response.writeHead(200, { 'server-timing': 'db;dur=1' }).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in an object, behind undefined',
      (response) => response.writeHead(200, undefined as unknown as string, { 'server-timing': 'db;dur=1' }).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in an object, before null',
      (response) => response.writeHead(200, { 'server-timing': 'db;dur=1' } as never, null as never).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in an object, over one by setHeader',
      (response) =>
        response
          .setHeader('Server-Timing', 'x')
          .writeHead(200, { 'Server-Timing': ['db;dur=1'] })
          .end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in a list',
      (response) => response.writeHead(200, [...raw, 'Server-Timing', 'db;dur=1']).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in a list, behind setHeader',
      (response) => response.setHeader('A', '1').writeHead(200, ['Server-Timing', 'db;dur=1']).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in a list, over one by setHeader',
      (response) => response.setHeader('Server-Timing', 'x').writeHead(200, ['Server-Timing', 'db;dur=1']).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in an object without prototype',
      (response) => response.writeHead(200, Object.assign(Object.create(null), { 'Server-Timing': 'db;dur=1' })).end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in a list, several times, behind setHeader',
      (response) =>
        response
          .setHeader('A', '1')
          .writeHead(200, ['Server-Timing', 'x', 'X-A', '1', 'server-timing', 'db;dur=1', 'X-B', '2'])
          .end(),
      ['db;dur=1'],
    ],
    [
      'Server-Timing in pairs',
      (response) => response.writeHead(200, [['Server-Timing', 'db;dur=1']] as unknown as string[]).end(),
      ['db;dur=1'],
    ],
  ])('by %s is the same otherwise', async (_name, answer, metrics = []) => {
    const without = await answers(answer, false)
    const { lines, ...said } = await answers(answer, true)
    const isTiming = (line: string) => line.toLowerCase().startsWith('server-timing')
    expect({ ...said, lines: lines.filter((line) => !isTiming(line)).sort() }).toEqual({
      ...without,
      lines: without.lines.filter((line) => !isTiming(line)).sort(),
    })
    const values = lines.filter(isTiming).flatMap((line) => line.slice(line.indexOf(':') + 2).split(', '))
    expect(values).toEqual([...metrics, OWN])
  })

  it('says it once where writing the head fails at first', async () => {
    const { lines } = await answers((response) => {
      try {
        response.writeHead(200, { 'X-A': 'a\nb' })
      } catch {}
      response.setHeader('X-A', '1').end()
    }, true)
    expect(lines.filter((line) => line.includes('dd-llm-trace'))).toHaveLength(1)
  })

  it('leaves the headers that the server passes as they are', async () => {
    const object = Object.freeze({ 'Server-Timing': 'db;dur=1' })
    const list = Object.freeze([...raw]) as string[]
    await answers((response) => response.writeHead(200, object).end(), true)
    await answers((response) => response.writeHead(200, list).end(), true)
    expect(object).toEqual({ 'Server-Timing': 'db;dur=1' })
    expect(list).toEqual(raw)
  })

  it('is the same with headers of a class of their own', async () => {
    class OwnHeaders {
      'X-A' = '1'
    }
    const { lines } = await answers((response) => response.writeHead(200, new OwnHeaders() as never).end(), true)
    expect(lines).toEqual(expect.arrayContaining(['X-A: 1', `Server-Timing: ${OWN}`]))
  })
})
