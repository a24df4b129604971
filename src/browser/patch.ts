import * as natives from '../defence/natives.js'

/** A replacement of a global function or constructor. */
export interface Patch {
  /**
   * Puts the replacement in place, outside of all patches that are there by then. If it still is in
   * place, outermost or below another library's patch, it only starts to work again.
   */
  install(): void
  /**
   * Puts one more replacement outside of the patches that other libraries have put over it since.
   * Code that has captured the inner one goes on working: of a call that passes both, only the outer
   * one intercepts.
   */
  installOutermost(): void
  /** Restores the original. If another library has patched over it, only stops to intercept. */
  remove(): void
}

/**
 * Stands between the page's call and the original. It must call the original by `forward`: once, now
 * or later, with any arguments. It must not throw itself.
 */
export type Interceptor = (forward: (args: unknown[]) => unknown, args: unknown[], self: unknown) => unknown

type AnyFunction = (...args: unknown[]) => unknown

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
  let depth = 0

  function addLayer() {
    const original = owner[name]
    if (typeof original === 'function') {
      depth += 1
      const layer = createLayer(original as AnyFunction, owner, guard.layer(depth))
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
      if (outermost) {
        const { original, replacement } = outermost
        swap(original.prototype, 'constructor', replacement, original)
        outermost = swap(owner, name, replacement, original) ? undefined : outermost
      }
    },
  }
}

/** One replacement of the function. There are several if other libraries patch in between. */
interface Layer {
  readonly original: AnyFunction
  readonly replacement: AnyFunction
}

/** A call that reaches a layer. */
interface LayerCall {
  readonly call: (args: unknown[]) => unknown
  readonly args: unknown[]
  readonly self: unknown
}

function createLayer(original: AnyFunction, owner: object, run: (call: LayerCall) => unknown): Layer {
  const replacement: AnyFunction = new natives.Proxy(original, {
    apply: (target, self, args) =>
      run({ call: (finalArgs) => natives.Reflect.apply(target, self, finalArgs), args, self: self ?? owner }),
    construct(target, args, newTarget) {
      // `new.target` of a plain `new` is the original, as it is unpatched.
      const constructed = newTarget === replacement ? target : newTarget
      const call = (finalArgs: unknown[]) => natives.Reflect.construct(target, finalArgs, constructed)
      return run({ call, args, self: owner }) as object
    },
  })
  return { original, replacement }
}

/** Lets each call of the page be intercepted once, however many layers it passes. */
function createGuard(intercept: Interceptor) {
  // The call that a layer passes to the original right now, synchronously. A call that comes in is
  // the same one if it is on the same object, and reaches a layer further inside or has the same
  // arguments. All others are calls of their own, those of libraries below too.
  let forwarding: { readonly depth: number; readonly self: unknown; readonly args: unknown[] } | undefined

  function isForwarded(depth: number, { self, args }: LayerCall): boolean {
    return (
      forwarding !== undefined &&
      forwarding.self === self &&
      (forwarding.depth > depth || (forwarding.args[0] === args[0] && forwarding.args[1] === args[1]))
    )
  }

  const guard = {
    isActive: false,

    /** Intercepts the calls that reach the layer of a depth. */
    layer: (depth: number) => (layerCall: LayerCall) => {
      const { call, args, self } = layerCall
      if (!guard.isActive || isForwarded(depth, layerCall)) {
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
    },
  }
  return guard
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
