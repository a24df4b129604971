/** The session id that all variants without the RUM SDK send. */
export const SESSION_ID = '0b5b8a6e-7c9f-4b1d-9a53-6c1f0c2d7e11'

/** The agent's URL. Pages with a real network set it. */
export const AGENT_ORIGIN = (globalThis as { AGENT_ORIGIN?: string }).AGENT_ORIGIN ?? 'https://agent.example.com'

/** The part of the RUM SDK that the plugin uses. It costs nothing. */
export const rumApi = {
  version: '7.16.2',
  getInternalContext: () => ({ session_id: SESSION_ID }),
  getUser: () => ({}),
  getAccount: () => ({}),
}
