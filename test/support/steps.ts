import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import ts from '@typescript/typescript6'
import { build } from 'esbuild'

/** The folder's part of a path, and the file's name, by which steps are named. */
const fileOf = (path: string) => path.replace(/^.*\/src\//, '').replace(/\.ts$/, '')

type FunctionWithBody = (ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration) & {
  body: ts.ConciseBody
}

function isFunction(node: ts.Node): node is FunctionWithBody {
  return (
    (ts.isFunctionDeclaration(node) ||
      ts.isFunctionExpression(node) ||
      ts.isArrowFunction(node) ||
      ts.isMethodDeclaration(node)) &&
    node.body !== undefined
  )
}

/** The name of a function: its own, or that of what it is given to. */
function nameOf(node: FunctionWithBody): string | undefined {
  const { parent } = node
  const named = node.name
    ? node
    : ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)
      ? parent
      : undefined
  return named?.name && (ts.isIdentifier(named.name) || ts.isComputedPropertyName(named.name))
    ? named.name.getText()
    : undefined
}

/**
 * Puts `__step('<file>: <function>')` at the beginning of every function of a source that has a name, or that a call gets: what is
 * thrown there is what its first statement might throw. A function that begins with what it is to catch has it inside of its `try`.
 */
export function withSteps(text: string, path: string): { code: string; steps: string[] } {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const inserts: Array<{ at: number; code: string }> = []
  const steps: string[] = []

  function visit(node: ts.Node, outer: string) {
    let inner = outer
    if (isFunction(node)) {
      const name = nameOf(node)
      inner = name === undefined ? outer : outer ? `${outer}.${name}` : name
      if (name !== undefined || ts.isCallExpression(node.parent)) {
        let step = `${fileOf(path)}: ${inner}${name === undefined ? ' ()' : ''}`
        while (steps.includes(step)) {
          step += "'"
        }
        steps.push(step)
        const call = `__step(${JSON.stringify(step)})`
        const { body } = node
        if (ts.isBlock(body)) {
          const own = body.statements.find(ts.isTryStatement)
          inserts.push({ at: (own?.tryBlock ?? body).getStart() + 1, code: `${call};` })
        } else {
          inserts.push({ at: body.getStart(), code: `(${call}, ` }, { at: body.end, code: ')' })
        }
      }
    }
    ts.forEachChild(node, (child) => visit(child, inner))
  }
  visit(source, '')

  let code = text
  for (const { at, code: inserted } of inserts
    .map((insert, index) => ({ ...insert, index }))
    .sort((one, other) => other.at - one.at || other.index - one.index)) {
    code = code.slice(0, at) + inserted + code.slice(at)
  }
  return { code, steps }
}

/** What of the platform the package uses, each function and constructor of it as a step of its own. */
const PLATFORM = `
  const page = globalThis as any
  const { Proxy: NativeProxy, Reflect: native } = page
  const stepped = (name, value) => typeof value !== 'function' && (typeof value !== 'object' || value === null) ? value : new NativeProxy(value, {
    get(target, key) {
      const member = native.get(target, key, target)
      return typeof member === 'function' && typeof key === 'string' && !/^[A-Z]/.test(key)
        ? (...args) => { __step('platform: ' + name + '.' + key); return native.apply(member, target, args) }
        : member
    },
    apply(target, self, args) { __step('platform: ' + name); return native.apply(target, page, args) },
    construct(target, args) { __step('platform: new ' + name); return native.construct(target, args) },
  })
`

/** Puts a step before each function and constructor of the platform that the package uses. */
function withSteppedPlatform(natives: string): string {
  return natives.replace(/export const \{([^}]*)\} = globalThis\n/, (_, names: string) => {
    const exports = names
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
      .map((name) => `export const ${name} = stepped('${name}', page.${name})`)
    return [PLATFORM, ...exports, ''].join('\n')
  })
}

/**
 * Builds the script-tag bundle with steps: `__steps` counts them by name, and the one that `__fault` names throws, from the
 * `__from`th time on.
 *
 * @returns The names of all steps of the source; those of the platform are known once they have been taken.
 */
export async function buildWithSteps(outfile: string): Promise<string[]> {
  const steps: string[] = []
  mkdirSync(dirname(outfile), { recursive: true })
  await build({
    entryPoints: ['src/index.ts'],
    outfile,
    bundle: true,
    format: 'iife',
    globalName: 'DD_LLM_CORRELATION',
    target: 'es2022',
    banner: {
      js: `window.__steps = {}
        window.__step = (name) => {
          const count = (__steps[name] ?? 0) + 1
          __steps[name] = count
          if (window.__fault === name && count >= (window.__from ?? 1)) throw new Error('on purpose')
        }`,
    },
    plugins: [
      {
        name: 'steps',
        setup({ onLoad }) {
          onLoad({ filter: /\/src\/(browser|carriers|defence|lib)\/.*\.ts$/ }, ({ path }) => {
            const { code, steps: own } = withSteps(readFileSync(path, 'utf8'), path)
            steps.push(...own)
            const isNatives = path.endsWith('/defence/natives.ts')
            return { contents: isNatives ? withSteppedPlatform(code) : code, loader: 'ts' }
          })
        },
      },
    ],
  })
  return steps
}

/** The steps that make the plugin, before RUM is asked to start and before there is anything to go wrong for the page. */
export const MAKING = [
  'browser/correlate: createInstance',
  'browser/plugin: llmCorrelation',
  'browser/plugin: readSafely',
  'browser/plugin: safely',
  'browser/report: createOncePrinter',
  'browser/report: createReport',
  'browser/settings: asOptions',
  'browser/settings: complete',
  'browser/settings: defaultsOf',
  'browser/settings: readSettings',
  'browser/settings: reportIdleUser',
  'lib/isObject: isObject',
  'platform: Array.isArray',
  'platform: Object.keys',
]
