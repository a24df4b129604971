import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Makes sure that `folder` has a virtual environment (`.venv`) with the packages that are wanted, and returns the path of
 * a command in it. It is made anew when the file that says what is wanted, or the Python version, has changed.
 *
 * @param {URL} folder
 * @param {{ what: string, file: string, install: string[] }} wanted - What needs them, as the messages say it; the file in
 * `folder` that lists them; and the arguments of `pip install`, which runs in `folder`.
 */
export async function preparePython(folder, { what, file, install }) {
  const root = fileURLToPath(folder)
  const environment = join(root, '.venv')
  const stamp = join(environment, 'installed.txt')
  const bin = (name) => join(environment, 'bin', name)

  const version = await pythonVersion(what)
  const wanted = `${version}\n${await readFile(join(root, file), 'utf8')}`
  const installed = await readFile(stamp, 'utf8').catch(() => undefined)

  if (installed !== wanted) {
    console.log(`Installing what ${what} needs, which takes a minute the first time.`)
    await rm(environment, { recursive: true, force: true })
    try {
      await run('python3', ['-m', 'venv', environment])
      // Older ones know no dependency groups.
      await run(bin('python'), ['-m', 'pip', 'install', '--quiet', 'pip>=25.1'])
      await run(bin('python'), ['-m', 'pip', 'install', '--quiet', ...install], { cwd: root })
    } catch (error) {
      throw new Error(`The Python packages could not be installed.\n${error.stderr || error.message}`)
    }
    await writeFile(stamp, wanted)
  }
  return bin
}

/** The lowest version that is supported. Tests run with it, too. */
const LOWEST_DDTRACE = 'ddtrace==4.13.0'

/** The environment of the package in this folder, with all that its tests need. */
export async function preparePackage() {
  const bin = await preparePython(new URL('./', import.meta.url), {
    what: 'the Python package',
    file: 'pyproject.toml',
    install: ['--editable', '.[otel]', '--group', 'test'],
  })
  await prepareLowest(bin)
  return bin
}

/** Makes a second environment in the first: its ddtrace is the lowest, and all else is that of the first. */
async function prepareLowest(bin) {
  const environment = join(dirname(bin('python')), '..', 'lowest')
  const stamp = join(environment, 'installed.txt')
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === LOWEST_DDTRACE) return
  await rm(environment, { recursive: true, force: true })
  await run(bin('python'), ['-m', 'venv', environment])
  await run(join(environment, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', LOWEST_DDTRACE])
  const packages = await Promise.all([bin('python'), join(environment, 'bin', 'python')].map(packagesOf))
  await writeFile(join(packages[1], 'first-environment.pth'), packages[0])
  await writeFile(stamp, LOWEST_DDTRACE)
}

async function packagesOf(python) {
  const { stdout } = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])
  return stdout.trim()
}

async function pythonVersion(what) {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9); print(sys.version)'])
    return stdout.trim()
  } catch {
    const subject = what[0].toUpperCase() + what.slice(1)
    throw new Error(`${subject} needs python3, version 3.9 or later, and it was not found.`)
  }
}
