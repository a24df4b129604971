import { installPlugin } from './plugin.js'

installPlugin('body')
