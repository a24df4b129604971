import { Object, Proxy, Reflect } from '../lib/globals.js'

/** A replacement of a global function or constructor. */
export interface Patch {
  /**
   * Puts the replacement in place, outside of whatever patches are there by then. Where it still is, outermost or below
   * another library's patch, it only starts to work again.
   */
  install(): void
  /**
   * Puts one more replacement outside of the patches that other libraries have put over it since. What has captured the
   * inner one goes on working: a call that passes both is intercepted by the outer one alone.
   */
  installOutermost(): void
  /** Restores what was there before; where another library has patched over it, only falls silent. */
  remove(): void
}

/**
 * Stands between the page's call and the original, which it must call by `forward`: once, now or later, and with arguments
 * of its choice. It must not throw on its own account.
 */
export type Interceptor = (forward: (args: unknown[]) => unknown, args: unknown[], self: unknown) => unknown

type AnyFunction = (...args: unknown[]) => unknown

/**
 * Patches `owner[name]`, a function or a constructor, with a Proxy: it keeps the name, length, statics, `prototype`,
 * `new.target`, subclassing and string form of the original as no plain function can, and the flags of the property.
 *
 * Limit: markers that other libraries set on the patched function end up on the original.
 */
export function createPatch<Owner extends object>(
  owner: Owner,
  name: keyof Owner & string,
  intercept: Interceptor,
): Patch {
  let layer: { readonly original: AnyFunction; readonly replacement: AnyFunction } | undefined
  let layers = 0
  let isActive = false
  // The call that a layer passes to the original right now, synchronously. One that comes in on the same object, to a layer
  // further inside or with the same arguments, is that very call; all others are calls of their own, those of libraries below too.
  let forwarding: { readonly depth: number; readonly self: unknown; readonly args: unknown[] } | undefined

  function intercepted(call: (args: unknown[]) => unknown, args: unknown[], self: unknown, depth: number) {
    if (
      !isActive ||
      (forwarding &&
        forwarding.self === self &&
        (forwarding.depth > depth || (forwarding.args[0] === args[0] && forwarding.args[1] === args[1])))
    ) {
      return call(args)
    }
    const forward = (finalArgs: unknown[]) => {
      const outer = forwarding
      forwarding = { depth, self, args: finalArgs }
      try {
        return call(finalArgs)
      } finally {
        forwarding = outer
      }
    }
    return intercept(forward, args, self)
  }

  function addLayer() {
    const original = owner[name] as AnyFunction | undefined
    if (typeof original !== 'function') {
      return
    }
    layers += 1
    const depth = layers
    const replacement: AnyFunction = new Proxy(original, {
      apply: (target, self, args) =>
        intercepted((finalArgs) => Reflect.apply(target, self, finalArgs), args, self ?? owner, depth),
      construct(target, args, newTarget) {
        // `new.target` of a plain `new` is the original, as it is unpatched.
        const constructed = newTarget === replacement ? target : newTarget
        const construct = (finalArgs: unknown[]) => Reflect.construct(target, finalArgs, constructed)
        return intercepted(construct, args, owner, depth) as object
      },
    })
    if (swap(owner, name, original, replacement)) {
      // A constructor and the `constructor` of its instances are one object.
      swap(original.prototype, 'constructor', original, replacement)
      layer = { original, replacement }
    }
  }

  return {
    install() {
      if (!layer || owner[name] === layer.original) {
        addLayer()
      }
      isActive = true
    },
    installOutermost() {
      if (isActive && owner[name] !== layer?.replacement) {
        addLayer()
      }
    },
    remove() {
      isActive = false
      if (layer) {
        const { original, replacement } = layer
        swap(original.prototype, 'constructor', replacement, original)
        if (swap(owner, name, replacement, original)) {
          layer = undefined
        }
      }
    },
  }
}

/** Puts a value in the place of another one, and keeps the flags of the property. Returns whether it could. */
function swap(owner: object | undefined, name: string, from: unknown, to: unknown): boolean {
  if (!owner || Reflect.get(owner, name) !== from) {
    return false
  }
  const descriptor = Object.getOwnPropertyDescriptor(owner, name)
  return descriptor?.configurable && 'value' in descriptor
    ? Reflect.defineProperty(owner, name, { ...descriptor, value: to })
    : Reflect.set(owner, name, to)
}
