export const counts = { passed: 0, failed: 0 }

/** Prints what a check gave, and counts it. */
export function check(name: string, isGood: boolean, details?: unknown): void {
  console.log(`${isGood ? 'ok' : 'FAILED'}: ${name}`)
  counts[isGood ? 'passed' : 'failed'] += 1
  if (!isGood) {
    console.log(details)
  }
}

/** A step on which the checks after it depend: when it fails, that is one failed check, and they are left out. */
export async function step<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    check(name, false, error instanceof Error ? error.message : error)
    return undefined
  }
}
