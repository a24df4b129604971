// The AI SDK makes its spans itself, where a call asks for them.
import { startNodeSdk } from './nodeSdk.mjs'

startNodeSdk()
