import { TestRunner } from 'vitest'
import { ENGINE, type EngineName } from './engine.js'

/** Leaves out the rest of the running test in an engine. The end of the run prints the reason. */
export function skipIn(engine: EngineName | readonly EngineName[], reason: string): void {
  const test = TestRunner.getCurrentTest()
  if ([engine].flat().includes(ENGINE)) {
    test?.context.skip(`${ENGINE}: ${reason}`)
  }
}

export const NO_STREAMS = 'requests take no ReadableStream: Firefox sends its name, WebKit refuses it'
