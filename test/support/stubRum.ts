import { inPage, type Source } from './pageScript.js'

/** The session id on pages whose RUM is a stub. */
export const STUB_SESSION_ID = '5f0c1c5e-8f6a-4d0a-9c59-3a4e5b6c7d8e'

/** A RUM that is no more than what the plugin asks it for. The functions run in the page. */
export interface StubRum {
  initConfiguration?: object
  /** What `getInternalContext` answers. Default: {@link STUB_SESSION_ID}. */
  context?: () => { session_id?: unknown } | undefined
  user?: object
  /** `false`: RUM has not started yet. `plugin.onRumStart()` in the page starts it. */
  isStarted?: boolean
}

/** In the page: starts a plugin whose RUM is only what it asks RUM for. */
function startWithStub(stub: StubRum & { options: unknown; sessionId: string }): void {
  const { context = () => ({ session_id: stub.sessionId }), initConfiguration = {}, user = {} } = stub
  const page = window as unknown as Record<string, unknown>
  const library = page.DD_LLM_CORRELATION as {
    llmCorrelation(options: unknown): Record<string, (argument?: unknown) => void>
  }
  const plugin = library.llmCorrelation(stub.options)
  page.plugin = plugin
  plugin.onInit?.({
    initConfiguration,
    publicApi: { getInternalContext: context, getUser: () => user, getAccount: () => ({}) },
  })
  if (stub.isStarted !== false) {
    plugin.onRumStart?.()
  }
}

/** Script that starts a plugin with these options, with a stub of RUM. */
export const startOfStub = (options: unknown, stub: StubRum = {}): Source =>
  inPage(startWithStub, { options, sessionId: STUB_SESSION_ID, ...stub })
