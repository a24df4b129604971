import { execFileSync } from 'node:child_process'

const demo = new URL('../../demo/agentProcess.mjs', import.meta.url)
const ofPackage = new URL('../../python/environment.mjs', import.meta.url)

/**
 * Vitest global setup of the tests that start Python backends: what they need takes longer to install than a test may take.
 * In a process of its own, for Vitest's loader of such files lacks `import.meta.resolve`.
 */
export function setup(): void {
  const script = `
    import { pythonCommand } from '${demo}'
    import { preparePackage } from '${ofPackage}'
    await pythonCommand('python')
    await preparePackage()`
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
}
