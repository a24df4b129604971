import { execFileSync } from 'node:child_process'

const module = new URL('../../demo/agentProcess.mjs', import.meta.url)

/**
 * Vitest global setup of the tests that start the demo's Python backend: what it needs takes longer to install than a test may take.
 * In a process of its own, for Vitest's loader of such files lacks `import.meta.resolve`.
 */
export function setup(): void {
  const script = `import { pythonCommand } from '${module}'; await pythonCommand('python')`
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
}
