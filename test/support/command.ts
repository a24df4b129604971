import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

export interface CommandResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  /** The executable of Node.js. The default is the one that runs the tests. */
  readonly node?: string
}

/**
 * Runs the built command `rum-llm-correlation`, as `npx` does. No environment variable sets a
 * tracer.
 */
export function runCli(args: string[], { cwd, env, node = process.execPath }: CommandOptions = {}) {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(_?DD_|OTEL_|RUM_|NODE_OPTIONS|VITEST)/.test(name)),
  ) as Record<string, string>
  return new Promise<CommandResult>((done, reject) => {
    const child = spawn(node, [resolve('dist/cli.mjs'), ...args], { cwd, env: { ...own, ...env } })
    const result = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        result[name] += text
      })
    }
    child.on('error', reject).on('close', (status) => done({ status, ...result }))
  })
}

/** The state of each line in a section of a JSON report, by the line's subject. */
export function statesOf({ stdout }: CommandResult, section: string): Record<string, string> {
  const lines = JSON.parse(stdout)[section] as Array<{ subject: string; state: string }>
  return Object.fromEntries(lines.map(({ subject, state }) => [subject, state]))
}
