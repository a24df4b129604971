export interface ProcessOptions {
  command: string
  args: string[]
  intakeUrl: string
  /** Base URL of an OpenAI-compatible API. */
  modelUrl?: string
  /** Of the server; 0, the default, takes any free one. */
  port?: number
  env?: Record<string, string | undefined>
  onExit?: (reason: string | number) => void
}

/** How to run a command of the Python backend's virtual environment under ddtrace. */
export function pythonCommand(name: string, ...args: string[]): Promise<{ command: string; args: string[] }>

export function startProcess(options: ProcessOptions): Promise<{ url: string; pid: number; close(): Promise<void> }>
