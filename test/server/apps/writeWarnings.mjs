// Writes what the server says on its console into a file, for the test to read.
import { appendFileSync, writeFileSync } from 'node:fs'

const file = process.env.WARNINGS_FILE
writeFileSync(file, '')
console.warn = (line) => appendFileSync(file, `${line}\n`)
