import { Object, Reflect } from './globals.js'

/**
 * Creates a function that reads an attribute of a platform object as the browser itself does, past what a subclass or the page
 * has put over it. Where the class has no such getter, as a polyfill's may not, it reads the property.
 */
export function attributeOf<T extends object, K extends keyof T & string>(
  Class: { prototype: T } | undefined,
  name: K,
): (object: T) => T[K] {
  const get = Class && Object.getOwnPropertyDescriptor(Class.prototype, name)?.get
  return get ? (object) => Reflect.apply(get, object, []) : (object) => object[name]
}
