import type { prepareCalls, Results } from '../../support/hostilePage.js'

/** When a fault begins: before the plugin is made, before the calls, at the second time that a call comes to it. */
export const MODES = ['from the start', 'from the calls on', 'the second time'] as const
export type Mode = (typeof MODES)[number]
export interface Fault {
  step: string
  mode: Mode
}

/** How a page with the plugin is, or the page as it is without it. */
export const SETTINGS = ['a session', 'a session that comes later, and debug'] as const
type Setting = (typeof SETTINGS)[number] | 'no plugin'

export interface Run {
  prefix: string
  setting: Setting
  fault?: Fault
  /** What the page has broken before. */
  breaking?: () => unknown
}

/** In a frame: starts the plugin, makes all calls, and gives what they came to, and which steps were taken. */
export async function makeCalls(run: Run & { prepare: typeof prepareCalls }) {
  const page = window as unknown as { __steps?: Record<string, number>; __fault?: string; __from?: number }
  const failures: string[] = []
  addEventListener('error', ({ message }) => failures.push(message))
  addEventListener('unhandledrejection', ({ reason }) => failures.push(String(reason)))
  const calls = run.prepare()
  run.breaking?.()
  const isLate = run.setting !== 'a session'
  let isStarted = !isLate
  const { step, mode } = run.fault ?? {}
  if (step && mode === 'from the start') page.__fault = step

  const tryTo = (act: () => void) => {
    try {
      act()
    } catch (error) {
      failures.push(String(error))
    }
  }
  let plugin: { onInit(argument: unknown): void; onRumStart(): void } | undefined
  if (run.setting !== 'no plugin') {
    try {
      plugin = DD_LLM_CORRELATION.llmCorrelation({
        origins: [
          { match: '/agent', carrier: 'body' },
          { match: '/query', carrier: 'query' },
          { match: '/baggage', carrier: 'baggage', propagateUser: true },
          { match: '/tags', carrier: 'trace-tags' },
        ],
        ...(isLate ? { debug: true, startupTimeout: 300 } : {}),
      }) as never
    } catch {
      // Whoever makes a plugin hears of it. There is none then.
    }
    const session = { session_id: '5f0c1c5e-8f6a-4d0a-9c59-3a4e5b6c7d8e' }
    tryTo(() =>
      plugin?.onInit({
        initConfiguration: { allowedTracingUrls: ['https://elsewhere.test'], proxy: () => '/rum-intake' },
        publicApi: {
          getInternalContext: () => (isStarted ? session : undefined),
          getUser: () => ({}),
          getAccount: () => ({}),
        },
      }),
    )
    if (!isLate) tryTo(() => plugin?.onRumStart())
  }
  const ofStart = Object.keys(page.__steps ?? {})
  page.__steps = {}
  if (mode === 'the second time') page.__from = 2
  if (step && mode !== 'from the start') page.__fault = step
  const results = calls(run.prefix)
  if (isLate) {
    isStarted = true
    tryTo(() => plugin?.onRumStart())
  }
  const { ...all } = await results
  return { results: { ...all, failures: failures.join() } as Results, ofStart, ofCalls: Object.keys(page.__steps) }
}

/** In a frame: starts RUM with the fault, makes a call, and waits for RUM's event of it. */
export async function startRum({ fault, path, proxy }: { fault: string; path: string; proxy: string }) {
  const page = window as unknown as { __steps: Record<string, number>; __fault?: string }
  const failures: string[] = []
  const events: string[] = []
  addEventListener('error', ({ message }) => failures.push(message))
  addEventListener('unhandledrejection', ({ reason }) => failures.push(String(reason)))
  const until = async (condition: () => boolean) => {
    for (let turns = 0; turns < 200 && !condition(); turns += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    return condition()
  }
  const origins = ['/elsewhere', { match: '/agent', carrier: 'trace-tags' as const }]
  page.__fault = fault
  let plugins: ReturnType<typeof DD_LLM_CORRELATION.llmCorrelation>[] = []
  try {
    plugins = [DD_LLM_CORRELATION.llmCorrelation({ debug: true, startupTimeout: 60_000, origins })]
  } catch {
    // Whoever makes a plugin hears of it. There is none then.
  }
  try {
    DD_RUM.init({
      applicationId: '00000000-0000-4000-8000-000000000000',
      clientToken: 'pub00000000000000000000000000000000',
      service: 'test-page',
      telemetrySampleRate: 0,
      proxy,
      allowedTracingUrls: ['https://elsewhere.test'],
      beforeSend: (event) => {
        if (event.type === 'resource') events.push(event.resource.url)
        return true
      },
      plugins,
    })
  } catch (error) {
    failures.push(String(error))
  }
  const hasSession = await until(() => Boolean(DD_RUM.getInternalContext()?.session_id))
  const { status } = await fetch(path, { method: 'POST', body: 'a' })
  const ofCall = () => events.filter((url) => url.includes(path)).length
  await until(() => ofCall() > 0)
  // A copy: what fails as the frame goes away does not count.
  return { seen: { failures: [...failures], hasSession, status, events: ofCall() }, steps: Object.keys(page.__steps) }
}
