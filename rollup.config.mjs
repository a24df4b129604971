import { createHash } from 'node:crypto'
import nodeResolve from '@rollup/plugin-node-resolve'
import { dts } from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'
import { minify } from './scripts/minify.mjs'

const input = 'src/index.ts'
const external = ['@datadog/browser-core', '@datadog/browser-rum', '@datadog/browser-rum-core']
const transpile = (target = 'es2020') => esbuild({ target, tsconfig: 'tsconfig.json' })

/** Writes the Subresource Integrity hash of each script-tag bundle to `sri.json` beside it. */
function subresourceIntegrity() {
  return {
    name: 'subresource-integrity',
    generateBundle(_options, bundle) {
      const hashes = Object.fromEntries(
        Object.values(bundle)
          .filter((output) => output.type === 'chunk')
          .map(({ fileName, code }) => [fileName, `sha384-${createHash('sha384').update(code).digest('base64')}`]),
      )
      this.emitFile({ type: 'asset', fileName: 'sri.json', source: `${JSON.stringify(hashes, null, 2)}\n` })
    },
  }
}

// Of what is not minified, there is no source map: it reads as the source does, and maps made up half of the package.
export default [
  {
    input,
    external,
    plugins: [nodeResolve(), transpile()],
    output: [
      { file: 'dist/index.mjs', format: 'es' },
      { file: 'dist/index.cjs', format: 'cjs' },
    ],
  },
  {
    input,
    plugins: [nodeResolve({ browser: true }), transpile()],
    output: {
      file: 'dist/rum-llm-correlation.iife.js',
      format: 'iife',
      name: 'DD_LLM_CORRELATION',
      sourcemap: true,
      plugins: [{ name: 'minify', renderChunk: minify }, subresourceIntegrity()],
    },
  },
  {
    input,
    external,
    plugins: [dts()],
    output: [{ file: 'dist/index.d.mts' }, { file: 'dist/index.d.cts' }],
  },
  // Each on its own, without shared chunks: copies of the server half find each other on the global object.
  ...['server', 'register', 'lambda', 'otel'].flatMap((name) => [
    {
      input: `src/${name}.ts`,
      external: ['@opentelemetry/api'],
      plugins: [nodeResolve(), transpile()],
      output: [
        { file: `dist/${name}.mjs`, format: 'es' },
        { file: `dist/${name}.cjs`, format: 'cjs' },
      ],
    },
    {
      input: `src/${name}.ts`,
      external: ['@opentelemetry/api'],
      plugins: [dts()],
      output: [{ file: `dist/${name}.d.mts` }, { file: `dist/${name}.d.cts` }],
    },
  ]),
  // The commands. The second runs in the process that `doctor` starts.
  ...['cli', 'doctorServer'].map((name) => ({
    input: `src/${name}.ts`,
    external: /^node:/,
    plugins: [nodeResolve(), transpile('node20')],
    output: { file: `dist/${name}.mjs`, format: 'es' },
  })),
]
