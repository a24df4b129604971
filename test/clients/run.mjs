// Real AI clients in a real browser, with and without the plugin: `npm run test:clients`. It installs 330 MB of clients.
import { fileURLToPath } from 'node:url'
import { runInFolder } from '../support/runInFolder.mjs'

runInFolder(fileURLToPath(new URL('.', import.meta.url)))
