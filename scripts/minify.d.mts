/** What is left of a script, and its source map as JSON. */
export interface Minified {
  code: string
  map?: string
}

export function minify(code: string): Promise<Minified>
