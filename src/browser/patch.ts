import * as natives from '../defence/natives.js'

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
 * Looks at a call of the page. If it returns `undefined`, the call goes on as it is. It must not throw.
 *
 * It returns before the original is called, so it is not on the stack of the original's errors.
 * Engines keep only a few frames, and the page needs them for its own functions.
 */
export type Interceptor = (args: unknown[], self: unknown) => Intervention | undefined

/**
 * Stands between the page's call and the original. It must call the original by `forward`: once, now
 * or later, with any arguments. It must not throw itself.
 */
export type Intervention = (forward: Forward) => unknown
export type Forward = (args: unknown[]) => unknown

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
      const layer = createLayer(original as AnyFunction, { owner, depth, guard })
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
  /** The outer one of two layers has the higher number. */
  readonly depth: number
  /** `this`. The owner of the function, if the page called it without. */
  readonly self: unknown
  readonly args: unknown[]
}

interface LayerOptions {
  readonly owner: object
  readonly depth: number
  readonly guard: ReturnType<typeof createGuard>
}

/** Adds one frame to the stack of a call that goes on as it is, and three to one that is intercepted. */
function createLayer(original: AnyFunction, { owner, depth, guard }: LayerOptions): Layer {
  const replacement: AnyFunction = new natives.Proxy(original, {
    apply(target, self, args) {
      const call = { depth, self: self ?? owner, args }
      const intervene = guard.look(call)
      if (!intervene) {
        return natives.Reflect.apply(target, self, args)
      }
      return intervene((finalArgs) => {
        const leave = guard.enter({ ...call, args: finalArgs })
        try {
          return natives.Reflect.apply(target, self, finalArgs)
        } finally {
          leave()
        }
      })
    },

    construct(target, args, newTarget) {
      // `new.target` of a plain `new` is the original, as it is unpatched.
      const constructed = newTarget === replacement ? target : newTarget
      const call = { depth, self: owner, args }
      const intervene = guard.look(call)
      if (!intervene) {
        return natives.Reflect.construct(target, args, constructed)
      }
      return intervene((finalArgs) => {
        const leave = guard.enter({ ...call, args: finalArgs })
        try {
          return natives.Reflect.construct(target, finalArgs, constructed)
        } finally {
          leave()
        }
      }) as object
    },
  })
  return { original, replacement }
}

/** Lets each call of the page be intercepted once, however many layers it passes. */
function createGuard(intercept: Interceptor) {
  // The call that a layer is passing to the original right now. A call that arrives meanwhile on the
  // same object is that same call if it reaches an inner layer, or has the same arguments. All
  // others are new calls, even those that a library below makes.
  let forwarding: LayerCall | undefined

  function isForwarded({ depth, self, args }: LayerCall): boolean {
    return (
      forwarding !== undefined &&
      forwarding.self === self &&
      (forwarding.depth > depth || (forwarding.args[0] === args[0] && forwarding.args[1] === args[1]))
    )
  }

  const guard = {
    isActive: false,

    /** Intercepts a call that reaches a layer, unless it was intercepted already. */
    look: (call: LayerCall) => (guard.isActive && !isForwarded(call) ? intercept(call.args, call.self) : undefined),

    /** Notes that a layer passes a call to the original. Call the result when the original has returned. */
    enter(call: LayerCall): () => void {
      const outer = forwarding
      forwarding = call
      return () => {
        forwarding = outer
      }
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
