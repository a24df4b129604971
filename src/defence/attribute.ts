import * as natives from './natives.js'

/**
 * Reads an attribute of a Request as the browser itself does: neither a subclass nor a property
 * that the page has put on the object can answer in its place.
 */
export function attributeOf<K extends keyof Request>(request: Request, name: K): Request[K] {
  return natives.Reflect.get(natives.Request.prototype, name, request)
}
