// Real instrumentations of OpenTelemetry, with spans in memory: `npm run test:otel`.
import { existsSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { install, runInFolder } from '../support/runInFolder.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

// Two versions of the SDK do not fit into one folder.
install(`${here}sdk3`)
install(here)
// npm would install what this package needs for its own tests, too.
const own = `${here}node_modules/rum-llm-correlation`
if (!existsSync(own)) {
  symlinkSync(root, own, 'junction')
}
runInFolder(here)
