/** JavaScript source that a page runs as it stands. */
export type Source = string

/** A function of no arguments that runs in a page, or its source from {@link inPage}. */
export type PageScript = (() => unknown) | Source

/** What the test runner makes of a name that a file imports. */
const IMPORTED = /__vi(?:te_ssr)?_import_\d+__\.(\w+)|__vite_ssr_\w+__/

/**
 * JavaScript source that comes to an equal value in a page: plain data, RegExps, dates, and functions. A function is sent
 * as its text, so it may use what the page has and what it is given, but nothing else of the test's file.
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
    // In brackets, `__proto__` is a member like any other.
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
  // A method of an object or class, which is written without `function`.
  const method = `Object.values({ ${text} })[0]`
  if (!isExpression(method)) {
    throw new Error(`A page cannot be sent this function: ${text.slice(0, 80)}`)
  }
  return method
}

function isExpression(text: string): boolean {
  try {
    // It is only parsed: nobody calls it.
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

/** The source of a script that is given in either form. */
export function scriptSource(script: PageScript): Source {
  return typeof script === 'function' ? inPage(script) : script
}
