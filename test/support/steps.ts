import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import ts from '@typescript/typescript6'
import { build, type Plugin } from 'esbuild'

/** The modules of the page's half. Each function that they export is a step. */
const OF_PAGE = /\/src\/(browser|carriers|defence|lib)\/.*\.ts$/
/** The module that holds the platform's functions. The methods of its exports are steps too. */
const NATIVES = /\/defence\/natives\.ts$/

const isExported = (node: ts.Statement) =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

/**
 * The text of a module in which each exported function begins with a step, inside its `try` if any.
 */
function withSteps(path: string): string {
  const text = readFileSync(path, 'utf8')
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const module = path.replace(/^.*\/src\//, '').replace(/\.ts$/, '')
  let code = text
  for (const statement of [...source.statements].reverse()) {
    if (ts.isFunctionDeclaration(statement) && isExported(statement) && statement.body && statement.name) {
      const own = statement.body.statements.find(ts.isTryStatement)
      const at = (own?.tryBlock ?? statement.body).getStart() + 1
      code = `${code.slice(0, at)}__step(${JSON.stringify(`${module}: ${statement.name.text}`)});${code.slice(at)}`
    }
  }
  return code
}

/** The same for the module of the platform's functions. Each becomes a step. */
function withNativeSteps(path: string): string {
  const text = readFileSync(path, 'utf8')
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const namesIn = (name: ts.BindingName): string[] =>
    ts.isIdentifier(name)
      ? [name.text]
      : name.elements.flatMap((one) => (ts.isBindingElement(one) ? namesIn(one.name) : []))
  const names = source.statements.flatMap((statement) => {
    const isValue = isExported(statement) && ts.isVariableStatement(statement)
    return isValue ? statement.declarationList.declarations.flatMap(({ name }) => namesIn(name)) : []
  })
  const exported = names.map((name) =>
    name === 'globalObject'
      ? `export { ${name} } from 'inner:${path}'`
      : `export const ${name} = __stepped('${name}', inner.${name})`,
  )
  return [`import * as inner from 'inner:${path}'`, `export * from 'inner:${path}'`, ...exported].join('\n')
}

/**
 * The first code of the bundle. `__steps` counts the steps by name. The step that `__fault` names
 * throws, from its `__from`th call on.
 */
const STEPS = `{
  const { Proxy, Reflect } = globalThis
  window.__steps = {}
  const step = (name) => {
    const count = (__steps[name] ?? 0) + 1
    __steps[name] = count
    if (window.__fault === name && count >= (window.__from ?? 1)) throw new Error('on purpose')
  }
  window.__step = step
  const isObject = (value) => typeof value === 'function' || (typeof value === 'object' && value !== null)
  window.__stepped = (name, value) => !isObject(value) ? value : new Proxy(value, {
    get(target, key) {
      const member = Reflect.get(target, key, target)
      return typeof member === 'function' && typeof key === 'string' && !/^[A-Z]/.test(key)
        ? (...args) => { step(name + '.' + key); return Reflect.apply(member, target, args) }
        : member
    },
    apply(target, self, args) { step(name); return Reflect.apply(target, window, args) },
    construct(target, args) { step('new ' + name); return Reflect.construct(target, args) },
  })
}`

const steps: Plugin = {
  name: 'steps',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^inner:/ }, ({ path }) => ({ path: path.slice('inner:'.length), suffix: '?inner' }))
    onLoad({ filter: NATIVES }, ({ path, suffix }) => ({
      contents: suffix === '?inner' ? readFileSync(path, 'utf8') : withNativeSteps(path),
      loader: 'ts',
    }))
    onLoad({ filter: OF_PAGE }, ({ path }) => ({ contents: withSteps(path), loader: 'ts' }))
  },
}

/** Builds the script-tag bundle with steps. */
export async function buildWithSteps(outfile: string): Promise<void> {
  mkdirSync(dirname(outfile), { recursive: true })
  await build({
    entryPoints: ['src/index.ts'],
    outfile,
    bundle: true,
    format: 'iife',
    globalName: 'DD_LLM_CORRELATION',
    target: 'es2022',
    banner: { js: STEPS },
    plugins: [steps],
  })
}
