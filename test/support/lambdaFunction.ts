import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Datadog } from './tracedServer.js'

const RUNTIME = 'test/server/apps/lambda/runtime.mjs'
const FUNCTIONS = 'test/server/apps/lambda/functions'

/** The handler that Datadog's layer sets for the function. */
export const LAYER = 'datadog-lambda-js/dist/handler.mjs#handler'

/** The result of an invocation, or the error of the handler. */
export interface Invocation {
  readonly id: string
  readonly result?: unknown
  readonly error?: string
}

/**
 * Runs a function of `test/server/apps/lambda/functions.mjs` in another process, as Lambda does.
 */
export class LambdaFunction {
  /**
   * @param env - With the {@link LAYER}, its environment variables. Without it, the function wraps
   * itself.
   */
  static async start(datadog: Datadog, name: string, { layer = true, env = {} as Record<string, string> } = {}) {
    const { NODE_OPTIONS, ...own } = process.env
    const child = spawn(process.execPath, [...(layer ? [] : ['--import', 'dd-trace/initialize.mjs']), RUNTIME], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...own,
        ...datadog.environment,
        _HANDLER: layer ? LAYER : `${process.cwd()}/${FUNCTIONS}.mjs#${name}`,
        LAMBDA_TASK_ROOT: process.cwd(),
        ...(layer ? { DD_LAMBDA_HANDLER: `${FUNCTIONS}.${name}` } : {}),
        AWS_LAMBDA_FUNCTION_NAME: 'agent',
        AWS_REGION: 'eu-west-1',
        DD_FLUSH_TO_LOG: 'true',
        ...env,
      },
    })
    const running = new LambdaFunction(child)
    const [handler] = await once(child, 'message')
    return Object.assign(running, { handler: handler as { length: number; streams: boolean } })
  }

  /** The process's standard output and standard error. */
  output = ''

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    child.setMaxListeners(200)
  }

  async invoke(event: object): Promise<Invocation> {
    const id = randomUUID()
    const invoked = new Promise<Invocation>((resolve) => {
      const onMessage = (message: Invocation) => {
        if (message.id === id) {
          this.child.off('message', onMessage)
          resolve(message)
        }
      }
      this.child.on('message', onMessage)
    })
    this.child.send({ id, event })
    return invoked
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await exited
  }
}
