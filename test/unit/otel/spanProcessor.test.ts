// @vitest-environment node
import { type Attributes, createContextKey, propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
  WebTracerProvider,
} from '@opentelemetry/sdk-trace-web'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RumSessionSpanProcessor } from '../../../src/otel.js'

const ID = '3f1c9a52-6f0e-4c6b-9a0d-0f2f5d1f7a11'
const USER = { 'user.id': 'u-1', 'account.id': 'a 1' }
const USER_ATTRIBUTES = { 'usr.id': 'u-1', 'usr.account_id': 'a 1' }
const SESSION = { 'session.id': ID }
const CONVERSATION = { 'gen_ai.conversation.id': ID }
const CHAT = { 'gen_ai.operation.name': 'chat' }

const exporter = new InMemorySpanExporter()
const processor: SpanProcessor = new RumSessionSpanProcessor()
const provider = new WebTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter), processor] })
const tracer = provider.getTracer('test')

const contextWith = (members: Record<string, string>) =>
  propagation.setBaggage(
    ROOT_CONTEXT,
    propagation.createBaggage(Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { value }]))),
  )

/** The attributes of a span that begins with the first ones and gets the later ones before it ends. */
function attributesOf(members: Record<string, string>, atStart: Attributes, later: Attributes = {}): Attributes {
  tracer.startSpan('span', { attributes: atStart }, contextWith(members)).setAttributes(later).end()
  const [span] = exporter.getFinishedSpans().slice(-1)
  exporter.reset()
  return span?.attributes ?? {}
}

describe('a span', () => {
  it.each<[name: string, members: Record<string, string>, atStart: Attributes, expected: Attributes]>([
    ['without baggage gets nothing', {}, CHAT, CHAT],
    ['gets the session', SESSION, {}, SESSION],
    ['gets neither user nor account', { ...SESSION, ...USER }, {}, SESSION],
    ['of generative AI gets the conversation, too', SESSION, CHAT, { ...CHAT, ...SESSION, ...CONVERSATION }],
    [
      'of generative AI gets user and account',
      { ...SESSION, ...USER },
      CHAT,
      { ...CHAT, ...SESSION, ...CONVERSATION, ...USER_ATTRIBUTES },
    ],
    ['of generative AI gets user and account without a session', USER, CHAT, { ...CHAT, ...USER_ATTRIBUTES }],
    ['keeps a session of its own', SESSION, { 'session.id': 'own' }, { 'session.id': 'own' }],
    [
      'keeps a conversation of its own',
      SESSION,
      { 'gen_ai.conversation.id': 'own' },
      { 'gen_ai.conversation.id': 'own', ...SESSION },
    ],
    [
      'keeps what is empty',
      { ...SESSION, ...USER },
      { ...CHAT, 'session.id': '', 'usr.id': '' },
      { ...CHAT, ...CONVERSATION, ...USER_ATTRIBUTES, 'session.id': '', 'usr.id': '' },
    ],
    ['takes no session that is no UUID', { 'session.id': 'abc' }, CHAT, CHAT],
    ['takes no properties behind the session', { 'session.id': `${ID};a=1` }, {}, SESSION],
    ['takes no user that is too long', { 'user.id': 'x'.repeat(201) }, CHAT, CHAT],
    ['takes no user that is not printable', { 'user.id': 'a\nb' }, CHAT, CHAT],
  ])('%s', (_name, members, atStart, expected) => {
    expect(attributesOf(members, atStart)).toEqual(expected)
  })

  it.each([
    ['session.id', {}],
    ['session.id', CHAT],
    ['gen_ai.conversation.id', CHAT],
    ['gen_ai.conversation.id', {}],
    ['usr.id', CHAT],
  ])('has the %s that the app sets later, on a span that begins with %j', (name, atStart) => {
    expect(attributesOf({ ...SESSION, ...USER }, atStart, { [name]: 'own' })[name]).toBe('own')
  })
})

describe('a span is one of generative AI', () => {
  it.each([
    'gen_ai.operation.name',
    'gen_ai.system',
    'gen_ai.provider.name',
    'openinference.span.kind',
    'traceloop.span.kind',
    'ai.operationId',
  ])('with %s, at its start or at its end', (name) => {
    const expected = { [name]: 'x', ...SESSION, ...CONVERSATION, ...USER_ATTRIBUTES }
    expect(attributesOf({ ...SESSION, ...USER }, { [name]: 'x' })).toEqual(expected)
    expect(attributesOf({ ...SESSION, ...USER }, {}, { [name]: 'x' })).toEqual(expected)
  })

  it.each(['gen_ai', 'gen_airline.id', 'http.method', 'traceloop.association.properties.gen_ai.x', 'ai.region'])(
    'not with %s',
    (name) => {
      expect(attributesOf(SESSION, { [name]: 'x' })).toEqual({ [name]: 'x', ...SESSION })
    },
  )
})

it('all spans of OpenInference are of generative AI, before they have their attributes', () => {
  const attributes: Attributes = {}
  const setAttribute = (name: string, value: unknown) => Object.assign(attributes, { [name]: value })
  const span = {
    attributes,
    setAttribute,
    instrumentationScope: { name: '@arizeai/openinference-instrumentation-openai' },
  }
  new RumSessionSpanProcessor().onStart(span, contextWith({ ...SESSION, ...USER }))
  expect(attributes).toEqual({ ...SESSION, ...CONVERSATION, ...USER_ATTRIBUTES })
})

describe('the processor', () => {
  it('does nothing for a span that it has not seen start', () => {
    const attributes: Attributes = { ...CHAT }
    new RumSessionSpanProcessor().onEnding({ attributes, setAttribute: (name, value) => (attributes[name] = value) })
    expect(attributes).toEqual(CHAT)
  })

  it.each<[name: string, span: Partial<Parameters<RumSessionSpanProcessor['onStart']>[0]>]>([
    ['that has nothing', {}],
    [
      'whose methods throw',
      {
        get attributes(): Attributes {
          throw new Error('no')
        },
        setAttribute() {
          throw new Error('no')
        },
      },
    ],
  ])('never throws, with a span %s', (_name, span) => {
    const started = span as Parameters<RumSessionSpanProcessor['onStart']>[0]
    const own = new RumSessionSpanProcessor()
    own.onStart(started, contextWith(SESSION))
    own.onEnding(started)
    own.onStart(started, ROOT_CONTEXT.setValue(createContextKey('OpenTelemetry Baggage Key'), 1))
    own.onStart(started, undefined as unknown as typeof ROOT_CONTEXT)
  })

  it('flushes and ends at once', async () => {
    await expect(Promise.all([processor.forceFlush(), processor.shutdown()])).resolves.toEqual([undefined, undefined])
  })

  it("reads the tags of dd-trace's spans, which show no attributes", () => {
    const tags: Attributes = { ...CHAT, 'session.id': 'own' }
    const span = {
      _ddSpan: { context: () => ({ getTags: () => tags }) },
      setAttribute: (name: string, value: unknown) => Object.assign(tags, { [name]: value }),
    }
    new RumSessionSpanProcessor().onStart(span, contextWith(SESSION))
    expect(tags).toEqual({ ...CHAT, 'session.id': 'own', ...CONVERSATION })
  })

  it('puts nothing but UUIDs into session and conversation, whatever the baggage', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const attributes = attributesOf({ 'session.id': value, 'user.id': value }, CHAT)
        expect(attributes).not.toHaveProperty(['session.id'])
        expect(attributes).not.toHaveProperty(['gen_ai.conversation.id'])
        expect(attributes['usr.id'] ?? value).toBe(value)
      }),
    )
  })
})
