import { startDemo } from '../../demo/startDemo.mjs'

/** The environment of who has neither a Datadog account nor a model of their own. */
export function withoutAccounts(): Record<string, string | undefined> {
  const { DD_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL, ...env } = process.env
  return env
}

/** The demo as who has no accounts sees it, with a model that answers at once. */
export const startQuickDemo = (options: Parameters<typeof startDemo>[0] = {}) =>
  startDemo({ env: withoutAccounts(), wordDelay: 2, ...options })
