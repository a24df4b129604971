import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { minify } from '../scripts/minify.mjs'
import { bundle, ROOT } from './bundle.js'

export interface Size {
  readonly minified: number
  readonly gzip: number
  readonly brotli: number
}
/** The highest sizes in bytes after gzip. They are limits, not goals. A test checks them. */
export const SIZE_LIMITS: Record<string, number> = {
  'CDN bundle': 13_824,
  'npm import, added to a page that has RUM': 13_824,
}

export type Sizes = Record<string, Size>

const RUM = "import { datadogRum } from '@datadog/browser-rum'\ndatadogRum.init({ applicationId: '', clientToken: ''"
const PAGE = `${RUM} })`
const PAGE_WITH_PLUGIN = `import { llmCorrelation } from 'rum-llm-correlation'
${RUM}, plugins: [llmCorrelation(['https://agent.example.com'])] })`

/**
 * Measures what a page must load. For an import, subtracts the bundle of a page that has only RUM.
 */
export async function measureSizes(): Promise<Sizes> {
  const page = weigh(await minifiedBundle({ source: PAGE }))
  const pageWithPlugin = weigh(await minifiedBundle({ source: PAGE_WITH_PLUGIN }))
  return {
    'CDN bundle': weigh(readFileSync(join(ROOT, 'dist/rum-llm-correlation.iife.js'))),
    'npm import, added to a page that has RUM': {
      minified: pageWithPlugin.minified - page.minified,
      gzip: pageWithPlugin.gzip - page.gzip,
      brotli: pageWithPlugin.brotli - page.brotli,
    },
    'RUM SDK alone': page,
    'PostHog tracing headers alone': weigh(readFileSync(join(ROOT, 'node_modules/posthog-js/dist/tracing-headers.js'))),
    'OpenTelemetry fetch + XHR': weigh(await minifiedBundle('variants/opentelemetry.ts')),
    'Sentry with tracing': weigh(await minifiedBundle('variants/sentry.ts')),
  }
}

/** Minifies all bundles alike, so that they compare with the script-tag bundle. */
async function minifiedBundle(entry: Parameters<typeof bundle>[0]): Promise<string> {
  const { code } = await minify(await bundle(entry, { minify: false }))
  return code
}

function weigh(code: string | Buffer): Size {
  const bytes = Buffer.from(code)
  return {
    minified: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  }
}
