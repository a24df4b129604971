import type { Server } from 'node:net'

export function listen(server: Server, port: number): Promise<string>
