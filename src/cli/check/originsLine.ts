import type { Carrier } from '../../browser/options.js'

/** Which carrier to take if several get through: the default first, then by what each one costs. */
const PREFERENCE: readonly Carrier[] = ['body', 'baggage', 'query', 'trace-tags']

export function preferred(carriers: readonly Carrier[]): Carrier | undefined {
  return PREFERENCE.find((carrier) => carriers.includes(carrier))
}

/** The entry of `origins` for a URL, as JavaScript. */
export function originsLine(
  url: string,
  { page, carrier, field }: { readonly page: string; readonly carrier: Carrier; readonly field: string },
): string {
  const { origin, pathname } = new URL(url)
  const match = quote(origin === page ? pathname : origin + (pathname === '/' ? '' : pathname))
  const options = [
    ...(carrier === 'body' ? [] : [`carrier: '${carrier}'`]),
    ...(field === 'session_id' ? [] : [`field: ${quote(field)}`]),
  ]
  return options.length ? `{ match: ${[match, ...options].join(', ')} },` : `${match},`
}

function quote(text: string) {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
