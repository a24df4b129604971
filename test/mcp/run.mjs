// From a page by a backend to an MCP server, with the protocol's own SDK: `npm run test:mcp`.
import { fileURLToPath } from 'node:url'
import { runInFolder } from '../support/runInFolder.mjs'

runInFolder(fileURLToPath(new URL('.', import.meta.url)))
