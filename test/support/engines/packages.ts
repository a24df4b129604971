import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The commands that install this directory's packages. None if they are installed. */
export const ownPackages = (): string[][] =>
  existsSync(new URL('node_modules/.package-lock.json', import.meta.url))
    ? []
    : [['npm', 'ci', '--prefix', fileURLToPath(new URL('.', import.meta.url))]]
