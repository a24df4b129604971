import { describeLibraries } from './libraryTable.js'

describeLibraries('after both')
