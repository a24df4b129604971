import { execFileSync } from 'node:child_process'

const demo = new URL('../../demo/agentProcess.mjs', import.meta.url)
const ofPackage = new URL('../../python/environment.mjs', import.meta.url)

/**
 * The global setup of tests that start Python backends. Installing takes longer than a test may
 * take. It runs in another process, because Vitest loads this file without `import.meta.resolve`.
 */
export function setup(): void {
  const script = `
    import { pythonCommand } from '${demo}'
    import { preparePackage } from '${ofPackage}'
    await pythonCommand('python')
    await preparePackage()`
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
}
