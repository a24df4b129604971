import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Intake } from './startDemo.mjs'

export function createIntake(): Intake & {
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean>
}
