import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from './bundle.js'

/** Microseconds per request: one value per round. */
type Times = Record<string, { without: number[]; with: number[] }>

/** The server's times by kind of request: without `register`, with it, and with only the tracer. */
export type ServerCosts = Record<string, { nothing: number[]; register: number[]; tracer: number[] }>

/** Times requests with and without `register`, in two processes. One of them has the tracer. */
export async function measureServerCost(rounds: number): Promise<ServerCosts> {
  const agent = createServer((request, response) => {
    request.resume()
    response.end('{}')
  })
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve))
  const env = {
    ...process.env,
    DD_TRACE_AGENT_URL: `http://127.0.0.1:${(agent.address() as AddressInfo).port}`,
    DD_LLMOBS_ENABLED: '1',
    DD_LLMOBS_ML_APP: 'bench',
    DD_LLMOBS_AGENTLESS_ENABLED: '0',
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    DD_TRACE_STARTUP_LOGS: 'false',
  }
  const run = async (...args: string[]): Promise<Times> => {
    const script = [join(ROOT, 'bench/server/requests.mjs'), String(rounds)]
    const { stdout } = await promisify(execFile)(process.execPath, [...args, ...script], { env, cwd: ROOT })
    return JSON.parse(stdout)
  }
  const alone = await run()
  const traced = await run('--import', 'dd-trace/initialize.mjs')
  agent.close()
  agent.closeAllConnections()
  return Object.fromEntries(
    Object.entries(alone).map(([kind, times]) => [
      kind,
      { nothing: times.without, register: times.with, tracer: traced[kind]?.without ?? [] },
    ]),
  )
}
