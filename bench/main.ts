import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { launchBrowser } from '../test/support/browser.js'
import { measureBodyGrowth } from './bodyGrowth.js'
import { ROOT } from './bundle.js'
import { measureCallCost } from './callCost.js'
import { drawChart } from './chart.js'
import { measureEvaluation } from './evaluation.js'
import { measureGrowth } from './growth.js'
import { startPageServer } from './pageServer.js'
import { countPreflights } from './preflights.js'
import { writeReport } from './report.js'
import { measureServerCost } from './serverCost.js'
import { measureSizes } from './size.js'
import { measureColdCalls, measureHeap, measureStart } from './startup.js'
import { measureStreaming } from './streaming.js'
import type { Measurements } from './summaries.js'
import { writeSummary } from './summary.js'

// `npm run bench -- --quick` is for work on the benchmark itself. Its numbers say little.
const isQuick = process.argv.includes('--quick')
const many = (rounds: number) => (isQuick ? Math.max(5, Math.round(rounds / 8)) : rounds)

const server = await startPageServer()
const agent = await startPageServer()
const browser = await launchBrowser()

async function step<T>(name: string, measure: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await measure()
  console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  return result
}

const measurements: Measurements = {
  environment: {
    browser: `Chromium ${browser.version()}`,
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    date: new Date().toISOString().slice(0, 10),
  },
  callCosts: await step('calls', () => measureCallCost(browser, server, many(60))),
  bodyCosts: await step('bodies', () => measureBodyGrowth(browser, server, many(21))),
  growths: await step('growth', () => measureGrowth(browser, server)),
  streams: [
    await step('stream, at once', () => measureStreaming(browser, server, agent, 0, many(400))),
    await step('stream, after 100 ms', () => measureStreaming(browser, server, agent, 100, many(30))),
  ],
  preflights: await step('preflights', () => countPreflights(browser, server, agent)),
  evaluation: await step('evaluation', () => measureEvaluation(browser, server, many(12))),
  start: await step('start', () => measureStart(browser, server, many(12))),
  cold: await step('cold calls', () => measureColdCalls(browser, server, many(10))),
  heap: await step('heap', () => measureHeap(browser, server, isQuick ? 10_000 : 100_000)),
  sizes: await step('sizes', measureSizes),
  serverCosts: await step('server', () => measureServerCost(many(100))),
}
await browser.close()
await Promise.all([server.close(), agent.close()])

const { json, markdown, goals, chart } = writeReport(measurements)
console.log(markdown)
const results = join(ROOT, isQuick ? 'node_modules/.cache/bench/quick' : 'bench/results')
mkdirSync(results, { recursive: true })
writeFileSync(join(results, 'results.json'), `${JSON.stringify(json, null, 2)}\n`)
writeFileSync(join(results, 'results.md'), markdown)
const picture = drawChart(chart)
writeFileSync(join(results, 'chart.svg'), picture)
if (!isQuick) {
  const sections = markdown.replace(/^# .*\n/, '')
  writeBetween('docs/performance.md', 'summary', `\n${writeSummary(json)}\n`)
  writeBetween('docs/performance-results.md', 'results', `${sections}\n`)
  // The package contains the documentation, but not the results.
  writeFileSync(join(ROOT, 'docs/images/performance.svg'), picture)
}
console.log(`${goals.filter(({ isMet }) => isMet).length} of ${goals.length} goals are met.`)

/** Replaces the text between two comments in a page of the documentation. */
function writeBetween(page: string, name: string, text: string) {
  const path = join(ROOT, page)
  const between = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*(?=<!-- end of ${name} -->)`)
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(between, () => text),
  )
}
