import { type SpawnOptions, spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../support/freePort.js'

/** A template, copied to a folder of its own, with the packed package installed as a user installs it. */
export interface Project {
  name: string
  folder: string
  scripts: Record<string, string>
  /** Resolves when `npm run <script>` has ended well; rejects with what it printed otherwise. */
  run(script: string): Promise<string>
  /** Starts `npm run <script>`, a server on the port that it finds in PORT, and resolves once it answers. */
  start(script: string): Promise<{ url: string; stop(): Promise<void> }>
  remove(): Promise<void>
}

const TEMPLATES = 'test/stacks'

const env = {
  ...process.env,
  // No stack tells its makers that it was run.
  NEXT_TELEMETRY_DISABLED: '1',
  NG_CLI_ANALYTICS: 'false',
  PARCEL_DISABLE_TELEMETRY: '1',
  // Nor does it ask questions, or find what this script itself was started with.
  CI: '1',
  NODE_OPTIONS: '',
}

export function command(name: string, args: string[], options: SpawnOptions): Promise<string> {
  const child = spawn(name, args, { env, ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const printed: Buffer[] = []
  child.stdout?.on('data', (chunk) => printed.push(chunk))
  child.stderr?.on('data', (chunk) => printed.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const text = Buffer.concat(printed).toString()
      code === 0 ? resolve(text) : reject(new Error(`${name} ${args.join(' ')}: exit code ${code}\n${text}`))
    })
  })
}

/** Packs the package into `folder`, as it is published, and returns the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await command('npm', ['pack', '--silent', '--pack-destination', folder], {})
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'))
  return join(folder, name)
}

export async function createProject(name: string, tarball: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), `stack-${name}-`))
  const manifest = JSON.parse(await readFile(join(TEMPLATES, name, 'package.json'), 'utf8'))
  // The bundlers' templates share the page that they build.
  if (manifest.template !== undefined) {
    await cp(join(TEMPLATES, manifest.template), folder, { recursive: true })
  }
  await cp(join(TEMPLATES, name), folder, { recursive: true })
  await command('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: folder })
  return {
    name,
    folder,
    scripts: manifest.scripts ?? {},
    run: (script) => command('npm', ['run', '--silent', script], { cwd: folder }),
    start: (script) => startServer(folder, script),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The exact versions that were asked for, for the report. */
export async function versionsOf(project: Project): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(join(project.folder, 'package.json'), 'utf8'))
  return Object.entries(dependencies)
    .filter(([name]) => name !== 'rum-llm-correlation')
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}

const PATIENCE = 120_000

async function startServer(folder: string, script: string) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  // A group of its own, for npm does not pass signals on to all that it started.
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: folder,
    env: { ...env, PORT: String(port), HOST: '127.0.0.1' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout.on('data', (chunk) => (printed += chunk))
  child.stderr.on('data', (chunk) => (printed += chunk))
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-(child.pid as number), 'SIGKILL')
    }
    await exited
  }
  for (const end = Date.now() + PATIENCE; Date.now() < end && child.exitCode === null; await delay(100)) {
    const isUp = await fetch(url).then(
      (response) => response.text().then(() => true),
      () => false,
    )
    if (isUp) {
      return { url, stop }
    }
  }
  await stop()
  throw new Error(`npm run ${script} does not answer\n${printed}`)
}
