/** For `expect.poll`: its own second is little on a busy machine. */
export const PATIENTLY = { timeout: 10_000 }
