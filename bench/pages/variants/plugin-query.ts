import { installPlugin } from './plugin.js'

installPlugin('query')
