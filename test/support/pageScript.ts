/** JavaScript source that a page runs unchanged. */
export type Source = string

/** A function of no arguments that runs in a page, or its source from {@link inPage}. */
export type PageScript = (() => unknown) | Source

/** How the test runner rewrites an imported name. */
const IMPORTED = /__vi(?:te_ssr)?_import_\d+__\.(\w+)|__vite_ssr_\w+__/

/**
 * JavaScript source that gives an equal value in a page: plain data, RegExps, dates, or a function.
 * Only the text of a function is sent. So it may use the page's globals and its argument, but
 * nothing else of the test's file.
 */
export function sourceOf(value: unknown): Source {
  if (typeof value === 'function') {
    return sourceOfFunction(String(value))
  }
  if (typeof value === 'bigint') {
    return `${value}n`
  }
  if (Object.is(value, -0)) {
    return '-0'
  }
  if (typeof value === 'number' || value === undefined || value instanceof RegExp) {
    return String(value)
  }
  if (value instanceof Date) {
    return `new Date(${value.getTime()})`
  }
  if (Array.isArray(value)) {
    return `[${value.map(sourceOf).join(', ')}]`
  }
  if (typeof value === 'object' && value !== null) {
    // In brackets, `__proto__` is an ordinary member.
    const members = Object.entries(value).map(([name, member]) => `[${JSON.stringify(name)}]: ${sourceOf(member)}`)
    return `({ ${members.join(', ')} })`
  }
  return JSON.stringify(value)
}

function sourceOfFunction(text: string): Source {
  const [imported, name = imported] = IMPORTED.exec(text) ?? []
  if (imported !== undefined) {
    throw new Error(`A page has no imports of the test's file: give '${name}' to the function as an argument.`)
  }
  if (isExpression(text)) {
    return `(${text})`
  }
  // A method of an object or class is written without `function`.
  const method = `Object.values({ ${text} })[0]`
  if (!isExpression(method)) {
    throw new Error(`A page cannot be sent this function: ${text.slice(0, 80)}`)
  }
  return method
}

function isExpression(text: string): boolean {
  try {
    // This only parses the function. Nobody calls it.
    new Function(`(${text}\n)`)
    return true
  } catch {
    return false
  }
}

/**
 * A function with its argument, as source.
 *
 * ```ts
 * openPage({ before: inPage(({ name }) => { window.name = name }, { name: 'test' }) })
 * ```
 */
export function inPage<A>(script: (args: A) => unknown, args?: A): Source {
  return `${sourceOf(script)}(${args === undefined ? '' : sourceOf(args)})`
}

/** The source of a script, which may be a function or a source. */
export function scriptSource(script: PageScript): Source {
  return typeof script === 'function' ? inPage(script) : script
}
