export interface ProcessOptions {
  command: string
  args: string[]
  intakeUrl: string
  /** Base URL of an OpenAI-compatible API. */
  modelUrl?: string
  env?: Record<string, string | undefined>
  onExit?: (reason: string | number) => void
}

export function startProcess(options: ProcessOptions): Promise<{ url: string; close(): Promise<void> }>
