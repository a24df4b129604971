import { existsSync } from 'node:fs'

/** The commands that install Debian packages. None if this user may not install any. */
export const debianPackages = (...names: string[]): string[][] =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version')
    ? [
        ['apt-get', 'update'],
        ['apt-get', 'install', '--yes', '--no-install-recommends', ...names],
      ]
    : []
