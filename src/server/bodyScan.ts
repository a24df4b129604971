/** Looks for a session id in a body, part by part as it comes in. */
export interface BodyScan {
  /** The session id, once it has come. */
  readonly sessionId: string | undefined
  /** Whether no byte that may still come counts: the session is there, or the body cannot tell it any more. */
  readonly isDone: boolean
  /** Takes the next bytes of the body. */
  read(bytes: Uint8Array): void
  /** Takes note of the end of the body. */
  end(): void
}
