// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import type { Sent } from '../../../../src/browser/outcome.js'
import { annotateResource, type ResourceEvent } from '../../../../src/browser/rum/annotation.js'
import { createSentCalls, SENT } from '../../../../src/browser/rum/sentCalls.js'

const xhr = {}
const none = createSentCalls()
const sentAs = (carrier: Sent['annotation']['carrier'], more: object = {}): Sent => ({
  annotation: { carrier, reason: undefined, trace_id: undefined, ...more },
  onFailure: vi.fn(),
})
const eventOf = (sent: Sent | undefined, more: object = {}): ResourceEvent => ({
  startTime: 10,
  rawRumEvent: { resource: { status_code: 200 } },
  domainContext: { requestInit: sent ? { [SENT]: sent } : {}, ...more },
})
const marked = (llm_correlation: object) => ({ type: 'resource', context: { llm_correlation } })

describe('the event of a fetch', () => {
  it('is marked with what its call carried', () => {
    expect(annotateResource(eventOf(sentAs('baggage')), none, true)).toEqual(marked({ carrier: 'baggage' }))
    expect(annotateResource(eventOf(sentAs('none', { reason: 'page_value' })), none, true)).toEqual(
      marked({ carrier: 'none', reason: 'page_value' }),
    )
  })

  it.each<[name: string, event: ResourceEvent]>([
    ['a call that no entry took', eventOf(undefined)],
    ['a resource that the page did not call', { startTime: 1, domainContext: {} }],
    ['an event that tells nothing', {}],
    ['an XHR that no entry took', { startTime: 1, domainContext: { xhr } }],
  ])('is not that of %s', (_name, event) => {
    expect(annotateResource(event, none, true)).toBe('SKIPPED')
  })

  it('is not marked where the option says so', () => {
    expect(annotateResource(eventOf(sentAs('body')), none, false)).toBe('SKIPPED')
  })
})

describe('the trace of a call', () => {
  const timing = (...names: string[]) => ({
    performanceEntry: { serverTiming: names.map((name) => ({ name, description: `of ${name}` })) },
  })

  it.each<[name: string, event: ResourceEvent, trace: string | undefined]>([
    ['its answer says', eventOf(sentAs('query'), timing('db', 'dd-llm-trace')), 'of dd-llm-trace'],
    ['nothing says', eventOf(sentAs('query'), timing('db')), undefined],
    ['an entry without server timing does not say', eventOf(sentAs('query'), { performanceEntry: {} }), undefined],
    ['the call began', eventOf(sentAs('trace-tags', { trace_id: '5' }), timing('dd-llm-trace')), '5'],
  ])('is the one that %s', (_name, event, trace) => {
    const marks = annotateResource(event, none, true) as ReturnType<typeof marked>
    expect((marks.context.llm_correlation as { trace_id?: string }).trace_id).toBe(trace)
  })
})

describe('an XHR that was used several times', () => {
  const [first, second] = [sentAs('body'), sentAs('query')]
  const sents = createSentCalls()
  const clock = vi.spyOn(performance, 'now')
  for (const [time, sent] of [
    [10, first],
    [20, second],
    [30, undefined],
  ] as const) {
    clock.mockReturnValue(time)
    sents.markXhr(xhr, sent)
  }
  clock.mockRestore()

  it.each<[startTime: number | undefined, expected: string | undefined]>([
    [5, undefined],
    [undefined, undefined],
    [10, 'body'],
    [15, 'body'],
    [20, 'query'],
    [29, 'query'],
    [30, undefined],
  ])('has at %s the mark of the call that began before', (startTime, carrier) => {
    const event: ResourceEvent = { ...(startTime === undefined ? {} : { startTime }), domainContext: { xhr } }
    expect(annotateResource(event, sents, true)).toEqual(carrier ? marked({ carrier }) : 'SKIPPED')
  })
})

describe('a call that failed', () => {
  it.each<[name: string, status: number | undefined, isAborted: boolean | undefined, isTold: boolean]>([
    ['without an answer is told of', 0, undefined, true],
    ['because the page aborted it is not', 0, true, false],
    ['with an answer is not', 500, false, false],
    ['in an event that does not say is not', undefined, false, false],
  ])('%s', (_name, status_code, isAborted, isTold) => {
    for (const annotates of [true, false]) {
      const sent = sentAs('baggage')
      const rawRumEvent = { resource: status_code === undefined ? {} : { status_code } }
      annotateResource({ ...eventOf(sent, { isAborted }), rawRumEvent }, none, annotates)
      expect(sent.onFailure).toHaveBeenCalledTimes(isTold ? 1 : 0)
    }
  })

  it('in an event without a resource is not told of', () => {
    const sent = sentAs('baggage')
    for (const rawRumEvent of [undefined, {}]) {
      annotateResource({ ...eventOf(sent), rawRumEvent } as ResourceEvent, none, true)
    }
    expect(sent.onFailure).not.toHaveBeenCalled()
    annotateResource({ rawRumEvent: { resource: { status_code: 0 } }, domainContext: {} }, none, true)
  })
})

it('the key under which a call brings its mark is one for all copies of the package', () => {
  expect(SENT).toBe(Symbol.for('rum-llm-correlation.sent'))
})
