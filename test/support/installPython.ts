import { pythonCommand } from '../../demo/agentProcess.mjs'

/** Vitest global setup of the tests that start the demo's Python backend: what it needs takes longer to install than a test may. */
export async function setup(): Promise<void> {
  await pythonCommand('python')
}
