import { existsSync } from 'node:fs'

/** The commands that install packages of Debian, where there is a right to; else none. */
export const debianPackages = (...names: string[]): string[][] =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version')
    ? [
        ['apt-get', 'update'],
        ['apt-get', 'install', '--yes', '--no-install-recommends', ...names],
      ]
    : []
