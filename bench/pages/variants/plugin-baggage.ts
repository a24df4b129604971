import { installPlugin } from './plugin.js'

installPlugin('baggage')
