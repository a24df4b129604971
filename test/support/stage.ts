/** For `expect.poll`: its own second is little on a busy machine. */
export const PATIENTLY = { timeout: 10_000 }

/** Every client with every row. */
export const times = <C, R>(clients: readonly C[], rows: readonly R[]): Array<readonly [C, R]> =>
  clients.flatMap((client) => rows.map((row) => [client, row] as const))
