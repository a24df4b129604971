import { itIsTheSameWithEachCarrier, type Row, useCarrierPages, withValues } from './eachCarrier.js'

useCarrierPages()

/** Settings by name. The text of an `integrity` is the hash of the site's answer, or another. */
const SETTINGS: Array<[name: string, init: RequestInit]> = [
  ...(['omit', 'same-origin', 'include'] as const).map(one('credentials')),
  ...(['default', 'no-store', 'reload', 'no-cache', 'force-cache'] as const).map(one('cache')),
  ...['', 'about:client', '/other?page'].map(one('referrer')),
  ...(['no-referrer', 'origin', 'unsafe-url', 'same-origin', 'strict-origin-when-cross-origin'] as const).map(
    one('referrerPolicy'),
  ),
  ...(['low', 'high', 'auto'] as const).map(one('priority')),
  ...(['cors', 'same-origin', 'no-cors'] as const).map(one('mode')),
  ['integrity that fits', { integrity: 'sha256-QGLtr3UPuAdOfoPgyQKMlOMkaKi28WFHdDKO8EUVD5M=' }],
  ['integrity that does not', { integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' }],
  ['keepalive', { keepalive: true }],
]
const REDIRECTS = (['follow', 'error', 'manual'] as const).map(one('redirect'))

function one<N extends keyof RequestInit>(name: N) {
  return (value: RequestInit[N]): [name: string, init: RequestInit] => [
    `${name}: ${value || 'none'}`,
    { [name]: value },
  ]
}

const rowsOf = ([name, init]: [name: string, init: RequestInit], path: string): Row[] =>
  ['GET', 'POST'].map((method) => ({
    name: `${name}, ${method}`,
    ...withValues({ init, method, path }, ({ url, init, method, path, JSON_POST, settled, described }) => {
      const call = fetch(url + path, method === 'POST' ? { ...JSON_POST, ...init } : init)
      return settled(call.then(async (response) => [described(response), await response.text()]))
    }),
  }))

itIsTheSameWithEachCarrier([
  ...REDIRECTS.flatMap((setting) => rowsOf(setting, '/moved')).map((row) => ({ ...row, arrive: 'any' as const })),
  ...SETTINGS.flatMap((setting) => rowsOf(setting, '')),
])
