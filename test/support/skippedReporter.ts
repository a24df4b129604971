import type { Reporter, TestModule } from 'vitest/node'

/** Prints at the end of a run which tests were left out, and why. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = new Map<string, string[]>()
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const { note = 'not run' } = test.result() as { note?: string }
        const names = reasons.get(note) ?? []
        reasons.set(note, [...names, `${module.relativeModuleId}: ${test.fullName}`])
      }
    }
    for (const [reason, names] of reasons) {
      console.info(`\nLeft out, ${names.length}: ${reason}`)
      for (const name of names) {
        console.info(`  ${name}`)
      }
    }
  }
}
