// Other libraries that pages have, beside the plugin, in a real browser: `npm run test:libraries`.
import { fileURLToPath } from 'node:url'
import { runInFolder } from '../support/runInFolder.mjs'

runInFolder(fileURLToPath(new URL('.', import.meta.url)))
