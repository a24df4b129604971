// The package's types as a strict project sees them, with each compiler and each way to find modules.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check } from './check.js'
import { command, type Project } from './project.js'

const VERSIONS = ['4.9', '5.0', '5.4', '5.9', '6.0', '7.0']

/** `moduleResolution`, the `module` that goes with it, and the versions that have it. */
const RESOLUTIONS = [
  { resolution: 'node', module: 'commonjs', from: '4.9', to: '6.0' },
  { resolution: 'node16', module: 'node16', from: '4.9', to: '7.0' },
  { resolution: 'nodenext', module: 'nodenext', from: '4.9', to: '7.0' },
  { resolution: 'bundler', module: 'esnext', from: '5.0', to: '7.0' },
]

export async function checkTypes(project: Project): Promise<void> {
  for (const version of VERSIONS) {
    for (const { resolution, module } of RESOLUTIONS.filter(({ from, to }) => from <= version && version <= to)) {
      const compilerOptions = {
        noEmit: true,
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        types: [],
        lib: ['es2022', 'dom'],
        target: 'es2022',
        module,
        moduleResolution: resolution,
        ...(version === '6.0' && resolution === 'node' && { ignoreDeprecations: '6.0' }),
      }
      // Only these two know of CommonJS beside ES modules.
      const files = ['page.ts', 'server.ts', ...(module.startsWith('node') ? ['page.cts'] : [])]
      await writeFile(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
      const compiler = join(project.folder, `node_modules/typescript-${version}/bin/tsc`)
      const complaints = await command(process.execPath, [compiler, '-p', '.'], { cwd: project.folder }).then(
        () => '',
        (error: Error) => error.message,
      )
      check(`typescript ${version}, moduleResolution ${resolution}: no complaint`, complaints === '', complaints)
    }
  }
}
