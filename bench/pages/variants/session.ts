/** The session that all variants without a RUM SDK of their own send. */
export const SESSION_ID = '0b5b8a6e-7c9f-4b1d-9a53-6c1f0c2d7e11'

/** The agent. Pages with a real network say where it is. */
export const AGENT_ORIGIN = (globalThis as { AGENT_ORIGIN?: string }).AGENT_ORIGIN ?? 'https://agent.example.com'

/** As much of the RUM SDK as the plugin uses, at no cost. */
export const rumApi = {
  version: '7.16.2',
  getInternalContext: () => ({ session_id: SESSION_ID }),
  getUser: () => ({}),
  getAccount: () => ({}),
}
