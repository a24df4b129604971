import { describeLibraries } from './libraryTable.js'

describeLibraries('before RUM and the plugin')
