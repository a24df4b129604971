import type { AsyncResource } from 'node:async_hooks'
import { attempt } from './attempt.js'
import { type HeldMessage, watchBody } from './heldBody.js'
import type { ScannedBody } from './scannedBody.js'

/** What is used of Node's `IncomingMessage`. */
interface Message extends HeldMessage {
  readonly headers: { readonly expect?: string }
  readonly socket: object
  readonly complete: boolean
  readonly destroyed: boolean
  readonly readableFlowing: boolean | null
  readonly readableLength: number
}

/** What is used of `http.Server` and `https.Server`. */
export interface EventServer {
  emit(...args: unknown[]): unknown
  listenerCount(event: string): number
}

/** What a request waits for. */
export interface AwaitedSession extends ScannedBody {
  /** Is called with the session id, if the body brings one, right before the event goes out. */
  readonly onSession: (sessionId: string) => void
}

/** Holds back the `request` events of servers until the bodies tell their session, or that they bring none. */
export class HeldRequests {
  private isOn = true
  private readonly awaited = new WeakMap<object, AwaitedSession>()
  private readonly ownEmits = new WeakSet<EventServer['emit']>()
  /** Connections with a request whose event goes out in a later tick. */
  private readonly releasing = new WeakSet<object>()

  /** @param Context - Keeps the async context in which an event came. */
  constructor(private readonly Context: typeof AsyncResource) {}

  /** Has the `request` event of a request wait when it comes. */
  holdBack(server: EventServer, request: object, awaited: AwaitedSession): void {
    this.patch(server)
    this.awaited.set(request, awaited)
  }

  /** Holds no request from now on. Those that are held go out as they would have. */
  stop(): void {
    this.isOn = false
  }

  /**
   * Gives the server its own `emit`, which runs before that of the prototype. Others may patch the prototype before or after:
   * the tracer sees the event when it goes out. If the app has given the server an `emit`, that one runs next.
   */
  private patch(server: EventServer): void {
    if (this.ownEmits.has(server.emit)) {
      return
    }
    const present = Object.getOwnPropertyDescriptor(server, 'emit')
    const below = present && server.emit
    const held = this
    function emit(this: EventServer, ...args: unknown[]): unknown {
      const send = () => Reflect.apply(below ?? Object.getPrototypeOf(server).emit, this, args)
      if (!held.isOn && server.emit === emit) {
        restoreEmit(server, present)
      }
      return args[0] === 'request' && held.holds(args, send) ? server.listenerCount('request') > 0 : send()
    }
    Object.defineProperty(server, 'emit', { value: emit, configurable: true, writable: true })
    this.ownEmits.add(emit)
  }

  /** Whether a `request` event is sent later. */
  private holds([, message, response]: unknown[], send: () => unknown): boolean {
    const request = message as Message
    const awaited = this.awaited.get(request)
    this.awaited.delete(request)
    if (awaited && canWait(request, response)) {
      const sendHere = this.inThisContext(send)
      const onKnown = () => this.sendLater(request, sendHere, awaited)
      return attempt(() => watchBody(request, awaited, onKnown)) ?? false
    }
    // A client may send the next request without waiting for the answer. Handlers are called in the order of the requests.
    if (this.releasing.has(request.socket)) {
      this.sendLater(request, this.inThisContext(send))
      return true
    }
    return false
  }

  private inThisContext(send: () => unknown): () => unknown {
    const context = new this.Context('RumLlmHeldRequest')
    return () => context.runInAsyncScope(send)
  }

  /**
   * Sends an event in a later tick. A handler that reads the body while Node pushes a part of it may never be woken again.
   * Errors of handlers reach the app. If the client has gone away, no event goes out.
   */
  private sendLater(request: Message, send: () => unknown, awaited?: AwaitedSession): void {
    this.releasing.add(request.socket)
    process.nextTick(() => {
      this.releasing.delete(request.socket)
      if (request.destroyed) {
        return
      }
      const sessionId = awaited?.scan.sessionId
      if (sessionId !== undefined) {
        attempt(() => awaited?.onSession(sessionId))
      }
      send()
    })
  }
}

/** Whether nobody has begun to read the body, and the client sends it without being told to. */
function canWait(request: Message, response: unknown): boolean {
  const { headers, complete, destroyed, readableFlowing, readableLength } = request
  const isToldToSend = headers.expect === undefined || (response as { _sent100?: boolean })._sent100 === true
  return isToldToSend && !complete && !destroyed && readableFlowing === null && readableLength === 0
}

function restoreEmit(server: EventServer, present: PropertyDescriptor | undefined): void {
  if (present) {
    Object.defineProperty(server, 'emit', present)
  } else {
    Reflect.deleteProperty(server, 'emit')
  }
}
