import { describeLibraries } from './libraryTable.js'

describeLibraries('between RUM and the plugin')
