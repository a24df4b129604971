import { type Finding, failed, note, ok } from '../report.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** The length of `_dd.p.llmobs_sid=` and a session id. */
const TAG_LENGTH = 53

/** The settings of the tracer that commonly keep sessions away. */
export function inspectSettings(env: Environment): Finding[] {
  return [
    inspectObservability(env),
    inspectMlApp(env),
    ...inspectKey(env),
    inspectStyles(env),
    inspectBehavior(env),
    ...inspectOff(env),
    ...inspectTagsLength(env),
    ...inspectBody(env),
  ]
}

function inspectObservability(env: Environment): Finding {
  const name = 'DD_LLMOBS_ENABLED'
  const value = env[name]
  if (isTrue(value)) {
    return ok(name, String(value))
  }
  if (!value && (env.DD_LLMOBS_ML_APP || env.DD_LLMOBS_AGENTLESS_ENABLED)) {
    const message = 'not set: newer versions of dd-trace are on all the same, for another DD_LLMOBS setting is there'
    return note(name, message, 'Start the server with DD_LLMOBS_ENABLED=1.')
  }
  const todo =
    'Start the server with DD_LLMOBS_ENABLED=1. If its code switches it on (tracer.init({ llmobs })), run: ' +
    'DD_LLMOBS_ENABLED=1 npx rum-llm-correlation doctor'
  return failed(name, `${said(value)}: there are no LLM spans`, todo)
}

function inspectMlApp({ DD_LLMOBS_ML_APP: value }: Environment): Finding {
  const todo = 'Start the server with DD_LLMOBS_ML_APP=<name of your application>.'
  return value
    ? ok('DD_LLMOBS_ML_APP', value)
    : note('DD_LLMOBS_ML_APP', `${said(value)}: the spans stand under the name of the service, or there are none`, todo)
}

function inspectKey({ DD_LLMOBS_AGENTLESS_ENABLED: agentless, DD_API_KEY: key }: Environment): Finding[] {
  return isTrue(agentless) && !key
    ? [
        note(
          'DD_API_KEY',
          'not set: without an agent and without a key, no span reaches Datadog',
          'Start the server with DD_API_KEY=<your key>, or with an agent and without DD_LLMOBS_AGENTLESS_ENABLED.',
        ),
      ]
    : []
}

const STYLES = ['DD_TRACE_PROPAGATION_STYLE_EXTRACT', 'DD_TRACE_PROPAGATION_STYLE', 'OTEL_PROPAGATORS']

function inspectStyles(env: Environment): Finding {
  const name = STYLES.find((style) => env[style]) ?? (STYLES[0] as string)
  const value = env[name]
  if (!value) {
    return ok(name, 'not set: the default reads what is needed')
  }
  const styles = value.split(/[\s,]+/).map((style) => style.toLowerCase())
  const datadog = styles.indexOf('datadog')
  const w3c = styles.indexOf('tracecontext')
  const todo = `Take ${name} out, or: ${name}=datadog,tracecontext,baggage`
  if (datadog < 0) {
    return failed(name, `${value}: without datadog most requests lose the session`, todo)
  }
  if (w3c < 0) {
    return note(name, `${value}: requests that bring only a traceparent lose the session`, todo)
  }
  return w3c < datadog
    ? note(name, `${value}: requests that bring traceparent and x-datadog headers lose the session`, todo)
    : ok(name, value)
}

function inspectBehavior({ DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: value }: Environment): Finding {
  const name = 'DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT'
  return value && ['restart', 'ignore'].includes(value.toLowerCase())
    ? failed(name, `${value}: what a request brings is not taken on, the session included`, `Take ${name} out.`)
    : ok(name, value ? value : 'not set: the default takes on what a request brings')
}

function inspectOff(env: Environment): Finding[] {
  return ['DD_TRACE_ENABLED', 'DD_TRACING_ENABLED']
    .filter((name) => ['false', '0'].includes(env[name]?.toLowerCase() ?? ''))
    .map((name) => failed(name, `${env[name]}: the tracer is off`, `Take ${name} out.`))
}

function inspectTagsLength({ DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH: value }: Environment): Finding[] {
  const name = 'DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH'
  return value && Number(value) < TAG_LENGTH
    ? [
        failed(
          name,
          `${value}: the session's tag has ${TAG_LENGTH} characters`,
          `Take ${name} out: the default is 512.`,
        ),
      ]
    : []
}

function inspectBody({ RUM_LLM_BODY: value }: Environment): Finding[] {
  const todo = "Take it out if the page's carrier is 'body'; or call rumSession behind the body parser."
  return value === '0' ? [note('RUM_LLM_BODY', '0: bodies are not looked at', todo)] : []
}

function isTrue(value: string | undefined) {
  return value !== undefined && ['1', 'true'].includes(value.toLowerCase())
}

function said(value: string | undefined) {
  return value ? value : 'not set'
}
