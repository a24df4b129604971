// The server that `doctor` starts under the user's own tracer: each request makes one LLM span.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

/** What is used of dd-trace's `tracer.llmobs`. */
interface LlmObs {
  trace<T>(options: { kind: 'llm'; name: string }, handler: () => T): T
  annotate(data: { inputData: string }): void
  flush(): void
}

// The tracer of the user's folder, not one that this package may have beside it.
const { llmobs } = createRequire(process.env.DOCTOR_FOLDER as string)('dd-trace') as { llmobs: LlmObs }

const server = createServer(async (request, response) => {
  for await (const _ of request) {
    // The body is what a handler would read.
  }
  llmobs.trace({ kind: 'llm', name: String(request.headers['x-doctor']) }, () =>
    llmobs.annotate({ inputData: 'hello' }),
  )
  llmobs.flush()
  response.end()
})

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
