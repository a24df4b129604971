/** Globals that the server half imports by these names. Nothing can replace them there. */
export const { Array, JSON, Object, Reflect, String, Symbol, TextDecoder, URLSearchParams } = globalThis
