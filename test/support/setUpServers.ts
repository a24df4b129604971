import { afterAll, beforeAll } from 'vitest'
import { closeServers, startServers } from './servers.js'

// Vitest runs this before each file of browser tests.
beforeAll(startServers)
afterAll(closeServers)
