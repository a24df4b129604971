// @ts-check
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { backends } from './agentProcess.mjs'
import { datadogAccount } from './datadogAccount.mjs'
import { createIntake } from './intake.mjs'
import { listen } from './listen.mjs'
import { startModel } from './model.mjs'
import { createPages } from './pages.mjs'
import { startRestartableAgent } from './restartableAgent.mjs'
import { createWebServer } from './webServer.mjs'

const require = createRequire(import.meta.url)

/**
 * @typedef {object} DemoOptions
 * @property {number} [port] - The web server's port. 0, the default, takes a free one.
 * @property {string} [backend] - `node`, the default, or `python`.
 * @property {Record<string, string | undefined>} [env]
 * @property {string} [rumBundle] - The RUM SDK's CDN bundle, for the page with script tags.
 * @property {number} [wordDelay] - Milliseconds between the words of the scripted model.
 * @property {(state: import('./restartableAgent.mjs').AgentState) => void} [onAgentChange] - Called
 * when the agent has stopped by itself, and when it has been started again.
 */

/** @typedef {Awaited<ReturnType<typeof startDemo>>} Demo */

/**
 * Starts every part of the demo: the intake, the model, the agent and the web server.
 *
 * `intake` has all that was received: `rumEvents`, `llmSpans`, `apmTraces`, `feedback` and
 * `subscribe`. `modelUrl` is the base URL of the scripted model's API, or `undefined` if a real
 * model answers. If the agent has stopped, `restartAgent` starts it again at its URL.
 *
 * @param {DemoOptions} [options]
 */
export async function startDemo({
  port = 0,
  backend = 'node',
  env = process.env,
  rumBundle = require.resolve('@datadog/browser-rum/bundle/datadog-rum.js'),
  wordDelay = 28,
  onAgentChange,
} = {}) {
  if (!isBackend(backend)) {
    throw new Error(`There is no backend "${backend}". There are: ${backends.join(', ')}.`)
  }
  if (!existsSync(new URL('../dist/sri.json', import.meta.url))) {
    throw new Error('The plugin is not built yet. Run "npm run build" first.')
  }

  const account = datadogAccount(env)
  const intake = createIntake()
  /** @type {{ close(): void | Promise<void> }[]} */
  const parts = []
  const close = async () => {
    for (const part of parts.reverse()) await part.close()
  }

  try {
    /** @type {import('./restartableAgent.mjs').RestartableAgent | undefined} */
    let agent
    const config = () => pageConfig({ agentUrl: agent?.url, backend, account })
    const web = createWebServer({ intake, pages: await createPages({ config, rumBundle }), agent: () => agent })
    const url = await listen(web.server, port)
    parts.push(web)

    const model = env.OPENAI_API_KEY ? undefined : await startModel({ wordDelay })
    if (model) parts.push(model)

    const started = await startRestartableAgent({
      backend,
      intakeUrl: url,
      modelUrl: model?.baseUrl,
      account,
      env,
      onChange(state) {
        intake.announce('agent', state)
        onAgentChange?.(state)
      },
    })
    agent = started
    parts.push(started)
    return {
      url,
      agentUrl: started.url,
      modelUrl: model?.baseUrl,
      intake,
      account,
      agentPid: () => started.pid,
      restartAgent: started.restart,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * @param {string} name
 * @returns {name is import('./agentProcess.mjs').Backend}
 */
function isBackend(name) {
  return backends.some((backend) => backend === name)
}

/**
 * @param {object} options
 * @param {string | undefined} options.agentUrl
 * @param {import('./agentProcess.mjs').Backend} options.backend
 * @param {import('./datadogAccount.mjs').DatadogAccount | undefined} options.account
 */
function pageConfig({ agentUrl, backend, account }) {
  return {
    agentUrl,
    backend,
    datadog: account && { site: account.site, appUrl: account.appUrl },
    rum: account
      ? { applicationId: account.applicationId, clientToken: account.clientToken, site: account.site }
      : {
          applicationId: '00000000-0000-4000-8000-000000000000',
          clientToken: 'pub00000000000000000000000000000000',
          proxy: '/rum-intake',
        },
  }
}
