// @ts-check
/**
 * Returns the Datadog account that replaces the local intake, if all of its four variables are set.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function datadogAccount(env) {
  const { DD_API_KEY, DD_SITE, DD_RUM_APPLICATION_ID, DD_RUM_CLIENT_TOKEN } = env
  if (!DD_API_KEY || !DD_SITE || !DD_RUM_APPLICATION_ID || !DD_RUM_CLIENT_TOKEN) return undefined
  return {
    apiKey: DD_API_KEY,
    site: DD_SITE,
    applicationId: DD_RUM_APPLICATION_ID,
    clientToken: DD_RUM_CLIENT_TOKEN,
    appUrl: appUrl(DD_SITE),
  }
}

/**
 * The web application of `datadoghq.com` and `datadoghq.eu` is at `app.`; other sites have it at
 * their own name.
 *
 * @param {string} site
 */
function appUrl(site) {
  return site.split('.').length === 2 ? `https://app.${site}` : `https://${site}`
}

/** @typedef {NonNullable<ReturnType<typeof datadogAccount>>} DatadogAccount */
