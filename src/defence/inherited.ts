import * as natives from './natives.js'

/**
 * Whether an object has a property of its own. `Object.hasOwn` does the same, but the RUM SDK
 * supports browsers that do not have it.
 */
export function hasOwn(object: object, name: PropertyKey): boolean {
  return natives.Object.getOwnPropertyDescriptor(object, name) !== undefined
}

/**
 * Whether the page has put enumerable properties on `Object.prototype`. A look at those that are
 * not enumerable would take half as long as a call.
 */
export function isObjectPrototypeExtended(): boolean {
  for (const _ in {}) {
    return true
  }
  return false
}

/** Whether all objects inherit a property, enumerable or not. */
export function isInheritedByAll(name: string): boolean {
  return name in {}
}
