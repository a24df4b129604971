import * as natives from './natives.js'

const originAtLoad = readOrigin()

function readOrigin(): string | undefined {
  try {
    return natives.globalObject.origin
  } catch {
    // The page has put a getter there, and it throws.
    return undefined
  }
}

/**
 * The origin of the page's own paths. For an opaque origin, uses `window.origin` as it was at
 * load: a page may replace that property, but not `location`.
 */
export function pageOrigin(): string | undefined {
  const own = natives.globalObject.location?.origin
  return own === 'null' ? originAtLoad : own
}
