// Whether memory stays flat over a million calls, and nothing of the page's or the server's is held on to: `npm run test:leaks`.
//
//   npm run test:leaks              a million calls on the page and on the server
//   npm run test:leaks -- --quick   a hundred thousand
import { parseArgs } from 'node:util'
import { importTypeScript } from '../support/importTypeScript.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const count = values.quick ? 100_000 : 1_000_000
const { onPage, onServer } = await importTypeScript(new URL('leaks.ts', import.meta.url))

let passed = 0
let failed = 0
function check(name, isGood, details) {
  console.log(`${isGood ? 'ok' : 'FAILED'}: ${name}: ${details}`)
  passed += isGood ? 1 : 0
  failed += isGood ? 0 : 1
}

await onServer(count, check)
await onPage(count, check)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || !passed ? 1 : 0
