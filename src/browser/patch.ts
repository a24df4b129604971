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
 * Looks at a call of the page before it goes on. If it returns `undefined`, the call goes on as it is.
 * By then it has left the stack: engines keep few frames of an error, and those are for the page's own
 * functions. It must not throw.
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

/** Of a call that goes on as it is, only the trap of the Proxy stays on the stack; else three functions. */
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
  // The call that a layer passes to the original right now, synchronously. A call that comes in is
  // the same one if it is on the same object, and reaches a layer further inside or has the same
  // arguments. All others are calls of their own, those of libraries below too.
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

    /** Says that a layer passes a call to the original. Returns what must run afterwards. */
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
