/** Looks for a session id in a body, part by part as it comes in. */
export interface BodyScan {
  /** The session id, once it has come. */
  readonly sessionId: string | undefined
  /** Whether the rest of the body does not matter: the session is found, or cannot come any more. */
  readonly isDone: boolean
  /** Takes the next bytes of the body. */
  read(bytes: Uint8Array): void
  /** Takes note of the end of the body. */
  end(): void
}

/** Several scans of the same body, for several names. The first session that one of them finds counts. */
export class FirstFound implements BodyScan {
  constructor(private readonly scans: readonly BodyScan[]) {}

  get sessionId(): string | undefined {
    return this.scans.find(({ sessionId }) => sessionId !== undefined)?.sessionId
  }

  get isDone(): boolean {
    return this.sessionId !== undefined || this.scans.every(({ isDone }) => isDone)
  }

  read(bytes: Uint8Array): void {
    for (const scan of this.scans) {
      scan.read(bytes)
    }
  }

  end(): void {
    for (const scan of this.scans) {
      scan.end()
    }
  }
}
