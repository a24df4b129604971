import { startRum } from './rumSdk.js'

startRum({})
