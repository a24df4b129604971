import * as natives from '../defence/natives.js'
import { type AnyFunction, createGuard, createLayer, type Interceptor, type Layer } from './layer.js'

/** A replacement of a global function or constructor. */
export interface Patch {
  /**
   * Puts the replacement around whatever function is there now. If a replacement is still in place,
   * outermost or below another library's patch, only makes it work again.
   */
  install(): void
  /**
   * If other libraries have patched over the replacement, puts one more around their patches.
   * Code that has captured the inner replacement keeps working. If a call passes both, only the
   * outer one intercepts it.
   */
  installOutermost(): void
  /** Restores the original. If another library has patched over it, only stops intercepting. */
  remove(): void
}

/**
 * Patches `owner[name]`, a function or a constructor, with a Proxy. It keeps the name, length, statics,
 * `prototype`, `new.target`, subclassing and string form of the original, and the flags of the
 * property. No plain function can do all of that.
 *
 * Limit: markers that other libraries set on the patched function end up on the original.
 */
export function createPatch<Owner extends object>(
  owner: Owner,
  name: keyof Owner & string,
  intercept: Interceptor,
): Patch {
  const guard = createGuard(intercept)
  let outermost: Layer | undefined
  /** The layer that stays below another library's patch once the outermost one is removed. */
  let covered: Layer | undefined

  function addLayer() {
    const original = owner[name]
    if (typeof original === 'function') {
      const layer = createLayer(original as AnyFunction, { owner, guard, inner: outermost ?? covered })
      outermost = putInPlace(owner, name, layer) ? layer : outermost
    }
  }

  return {
    install() {
      if (!outermost || owner[name] === outermost.original) {
        addLayer()
      }
      guard.isActive = true
    },
    installOutermost() {
      if (guard.isActive && owner[name] !== outermost?.replacement) {
        addLayer()
      }
    },
    remove() {
      guard.isActive = false
      if (outermost && takeOut(owner, name, outermost)) {
        covered = outermost.inner
        outermost = undefined
      }
    },
  }
}

/** Returns whether the layer could be put in place. */
function putInPlace(owner: object, name: string, { original, replacement }: Layer): boolean {
  const isInPlace = swap(owner, name, original, replacement)
  if (isInPlace) {
    // The `constructor` of the instances must be the constructor.
    swap(original.prototype, 'constructor', original, replacement)
  }
  return isInPlace
}

/** Returns whether the layer is no longer in place. It stays below another library's patch. */
function takeOut(owner: object, name: string, { original, replacement }: Layer): boolean {
  swap(original.prototype, 'constructor', replacement, original)
  return swap(owner, name, replacement, original)
}

/** Replaces a property's value, and keeps the flags of the property. Returns whether it could. */
function swap(owner: object | undefined, name: string, from: unknown, to: unknown): boolean {
  if (!owner || natives.Reflect.get(owner, name) !== from) {
    return false
  }
  const descriptor = natives.Object.getOwnPropertyDescriptor(owner, name)
  return descriptor?.configurable && 'value' in descriptor
    ? natives.Reflect.defineProperty(owner, name, { ...descriptor, value: to })
    : natives.Reflect.set(owner, name, to)
}
