import { parseArgs } from 'node:util'
import type { Command, Finding, Report } from '../report.js'
import { proveCarriers } from './proof.js'
import { inspectSettings } from './settings.js'
import { inspectVersions } from './versions.js'

const HELP = `Usage: rum-llm-correlation doctor [options]

Run it in the folder of the server, with the server's environment. It looks at the tracer that is installed there, at its
version and its settings. Then it starts a small server with them and the line --import rum-llm-correlation/register,
sends one request per carrier, and looks whether the LLM span has the session. Nothing leaves this machine.

  --field <name>    The plugin's field. Default: RUM_LLM_FIELD, or session_id
  --json            Prints JSON.
  --help            Prints this.

Exit status: 0 if nothing is marked ✗, else 1.
`

/** Whether the session id gets from a request to the LLM spans of the server in this folder. */
export const doctor: Command = {
  help: HELP,
  async run(args) {
    const { values } = parseArgs({ args, options: { field: { type: 'string' }, json: { type: 'boolean' } } })
    const { env } = process
    return examine({ folder: process.cwd(), env, field: values.field ?? env.RUM_LLM_FIELD ?? 'session_id' })
  },
}

interface Patient {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly field: string
}

async function examine({ folder, env, field }: Patient): Promise<Report> {
  const packages = inspectVersions(folder)
  const settings = inspectSettings(env)
  const hasCause = [...packages, ...settings].some(({ state }) => state !== 'ok')
  const proof = await proveCarriers({ folder, env: { ...env, RUM_LLM_FIELD: field } }, field)
  const carriers = proof.map((finding) => (finding.todo && hasCause ? { ...finding, todo: MEND_CAUSE } : finding))
  const all: Finding[] = [...packages, ...settings, ...carriers]
  const isWell = all.every(({ state }) => state !== 'failed')
  return {
    ok: isWell,
    title: `The server half in ${folder}`,
    sections: [
      { name: 'packages', title: 'Packages', findings: packages },
      { name: 'settings', title: 'Settings', findings: settings },
      { name: 'carriers', title: 'One request per carrier', findings: carriers },
    ],
    facts: { folder },
    closing: isWell ? WELL : 'Mend what is marked ✗, from the top on.',
  }
}

/** What to do about a carrier if there is a cause among the packages and settings. */
const MEND_CAUSE = 'Mend what is marked above, and run it again.'

// The proof starts its own server, so it does not see how the user's is started.
const WELL = `All is well from the request to the LLM span. Start your server with the same line:

  node --import rum-llm-correlation/register --import dd-trace/initialize.mjs <your server>

If the session is still missing: npx rum-llm-correlation check <URL of the call> --origin <the page's origin>`
