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
 * Starts every part of the demo: the intake, the model, the agent and the web server.
 *
 * `intake` gives access to all that has been received: `rumEvents`, `llmSpans`, `apmTraces`, `feedback` and `subscribe`.
 */
export async function startDemo({
  port = 0,
  backend = 'node',
  env = process.env,
  rumBundle = require.resolve('@datadog/browser-rum/bundle/datadog-rum.js'),
  wordDelay = 28,
  onAgentChange,
} = {}) {
  if (!backends.includes(backend)) {
    throw new Error(`There is no backend "${backend}". There are: ${backends.join(', ')}.`)
  }
  if (!existsSync(new URL('../dist/sri.json', import.meta.url))) {
    throw new Error('The plugin is not built yet. Run "npm run build" first.')
  }

  const account = datadogAccount(env)
  const intake = createIntake()
  const parts = []
  const close = async () => {
    for (const part of parts.reverse()) await part.close()
  }

  try {
    let agent
    const config = () => pageConfig({ agentUrl: agent.url, backend, account })
    const web = createWebServer({ intake, pages: await createPages({ config, rumBundle }), agent: () => agent })
    const url = await listen(web.server, port)
    parts.push(web)

    const model = env.OPENAI_API_KEY ? undefined : await startModel({ wordDelay })
    if (model) parts.push(model)

    agent = await startRestartableAgent({
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
    parts.push(agent)
    return {
      url,
      agentUrl: agent.url,
      modelUrl: model?.baseUrl,
      intake,
      account,
      agentPid: () => agent.pid,
      restartAgent: agent.restart,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

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
