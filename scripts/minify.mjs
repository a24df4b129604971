import { minify as minifyWithSwc } from '@swc/core'

/** Minifies a script, as Next.js, Rspack or Parcel do. Returns its source map too. */
export async function minify(code) {
  const ecma = 2020
  return minifyWithSwc(code, {
    ecma,
    compress: { ecma, passes: 5, unsafe_arrows: true },
    mangle: true,
    sourceMap: true,
  })
}
