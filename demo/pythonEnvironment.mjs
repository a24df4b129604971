import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Makes sure that `folder` has a virtual environment (`.venv`) with what its requirements.txt says, and returns the
 * commands in it. It is made anew when requirements.txt or the Python version has changed.
 */
export async function preparePython(folder) {
  const root = fileURLToPath(folder)
  const environment = join(root, '.venv')
  const stamp = join(environment, 'installed.txt')
  const bin = (name) => join(environment, 'bin', name)

  const requirementsFile = join(root, 'requirements.txt')
  const version = await pythonVersion()
  const wanted = `${version}\n${await readFile(requirementsFile, 'utf8')}`
  const installed = await readFile(stamp, 'utf8').catch(() => undefined)

  if (installed !== wanted) {
    console.log('Installing the Python packages of the agent, which takes a minute the first time.')
    await rm(environment, { recursive: true, force: true })
    try {
      await run('python3', ['-m', 'venv', environment])
      await run(bin('python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirementsFile])
    } catch (error) {
      throw new Error(`The Python packages could not be installed.\n${error.stderr || error.message}`)
    }
    await writeFile(stamp, wanted)
  }
  return { python: bin('python'), ddtraceRun: bin('ddtrace-run') }
}

async function pythonVersion() {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9); print(sys.version)'])
    return stdout.trim()
  } catch {
    throw new Error('The Python backend needs python3, version 3.9 or later, and it was not found.')
  }
}
