/** Every client with every row. */
export const times = <C, R>(clients: readonly C[], rows: readonly R[]): Array<readonly [C, R]> =>
  clients.flatMap((client) => rows.map((row) => [client, row] as const))
