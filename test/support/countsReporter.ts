import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * The last reporter of a run. It names the tests that passed only in a later try. Its last line is
 * `N passed, N failed`, which `test/run.mjs` reads.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0
    let failed = unhandledErrors.length
    const retried: string[] = []
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state, note } = test.result() as { state: string; note?: string }
        passed += state === 'passed' ? 1 : 0
        // Tests without the wanted tag are skipped too, but without a reason.
        failed += state === 'failed' || note !== undefined ? 1 : 0
        if (state === 'passed' && test.diagnostic()?.flaky) {
          retried.push(`${module.relativeModuleId} > ${test.fullName}`)
        }
      }
    }
    for (const name of retried) {
      console.info(`retried: ${name}`)
    }
    console.info(`${passed} passed, ${failed} failed`)
  }
}
