/** The environment of who has neither a Datadog account nor a model of their own. */
export function withoutAccounts(): Record<string, string | undefined> {
  const { DD_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL, ...env } = process.env
  return env
}
