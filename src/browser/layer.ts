import * as natives from '../defence/natives.js'

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

export type AnyFunction = (...args: unknown[]) => unknown

/** One replacement of the function. There are several if other libraries patch in between. */
export interface Layer {
  readonly original: AnyFunction
  readonly replacement: AnyFunction
  readonly traps: Traps
  /** The next one below. */
  readonly inner: Layer | undefined
}

/** Without a trap, the Proxy passes a call on by itself. */
interface Traps {
  apply: ProxyHandler<AnyFunction>['apply'] | undefined
  construct: ProxyHandler<AnyFunction>['construct'] | undefined
}

/** A call that reaches a layer. */
interface LayerCall {
  /** `this`. The owner of the function, if the page called it without. */
  readonly self: unknown
  readonly args: unknown[]
}

interface LayerOptions {
  readonly owner: object
  readonly guard: ReturnType<typeof createGuard>
  readonly inner: Layer | undefined
}

export function createLayer(original: AnyFunction, options: LayerOptions): Layer {
  const { owner, guard, inner } = options
  const traps: Traps = {
    apply: createApplyTrap(options),

    construct(target, args, newTarget) {
      // `new.target` of a plain `new` is the original, as it is unpatched.
      const constructed = newTarget === replacement ? target : newTarget
      const call = { self: owner, args }
      const intervene = guard.look(call)
      if (!intervene) {
        return natives.Reflect.construct(target, args, constructed)
      }
      return intervene((finalArgs) => {
        const leave = guard.enter({ ...call, args: finalArgs }, inner)
        try {
          return natives.Reflect.construct(target, finalArgs, constructed)
        } finally {
          leave()
        }
      }) as object
    },
  }
  const replacement: AnyFunction = new natives.Proxy(original, traps as ProxyHandler<AnyFunction>)
  return { original, replacement, traps, inner }
}

/**
 * Of a call that goes on as it is, only the trap of the Proxy stays on the stack; else three functions. The layers below
 * sleep meanwhile, and so take no frame.
 */
function createApplyTrap({ owner, guard, inner }: LayerOptions): NonNullable<Traps['apply']> {
  return (target, self, args) => {
    const call = { self: self ?? owner, args }
    const intervene = guard.look(call)
    if (intervene) {
      return intervene((finalArgs) => {
        const leave = guard.enter({ ...call, args: finalArgs }, inner)
        try {
          return natives.Reflect.apply(target, self, finalArgs)
        } finally {
          leave()
        }
      })
    }
    if (!inner) {
      return natives.Reflect.apply(target, self, args)
    }
    const wake = sleep(inner)
    try {
      return natives.Reflect.apply(target, self, args)
    } finally {
      wake()
    }
  }
}

/** Puts a layer and those below it to sleep: the Proxy passes calls on by itself. Returns what wakes them. */
function sleep(layer: Layer | undefined): () => void {
  if (!layer) {
    return () => {}
  }
  const { traps, inner } = layer
  const { apply, construct } = traps
  const wakeInner = sleep(inner)
  traps.apply = traps.construct = undefined
  return () => {
    traps.apply = apply
    traps.construct = construct
    wakeInner()
  }
}

/** Lets each call of the page be intercepted once, however many layers it passes. */
export function createGuard(intercept: Interceptor) {
  // The call that a layer passes to the original right now, synchronously. A call that comes in is
  // the same one if it is on the same object, and has the same arguments. All others are calls of
  // their own, those of libraries below too.
  let forwarding: LayerCall | undefined

  function isForwarded({ self, args }: LayerCall): boolean {
    return (
      forwarding !== undefined &&
      forwarding.self === self &&
      forwarding.args[0] === args[0] &&
      forwarding.args[1] === args[1]
    )
  }

  const guard = {
    isActive: false,

    /** Intercepts a call that reaches a layer, unless it was intercepted already. */
    look: (call: LayerCall) => (guard.isActive && !isForwarded(call) ? intercept(call.args, call.self) : undefined),

    /** Says that a layer passes a call to the original. Returns what must run afterwards. */
    enter(call: LayerCall, inner: Layer | undefined): () => void {
      const outer = forwarding
      const wake = sleep(inner)
      forwarding = call
      return () => {
        forwarding = outer
        wake()
      }
    },
  }
  return guard
}
