import { installPlugin } from './plugin.js'

installPlugin('trace-tags')
