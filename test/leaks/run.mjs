// Whether memory stays flat over a million calls, and nothing of the page's or the server's is held on to: `npm run test:leaks`.
//
//   npm run test:leaks                    a million calls on the page and on the server
//   npm run test:leaks -- --count 50000   fewer
import { parseArgs } from 'node:util'
import { importTypeScript } from '../support/importTypeScript.mjs'

const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' } } })
const { onPage, onServer } = await importTypeScript(new URL('leaks.ts', import.meta.url))

let passed = 0
let failed = 0
function check(name, isGood, details) {
  console.log(`${isGood ? 'ok' : 'FAILED'}: ${name}: ${details}`)
  passed += isGood ? 1 : 0
  failed += isGood ? 0 : 1
}

await onServer(Number(values.count), check)
await onPage(Number(values.count), check)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || !passed ? 1 : 0
