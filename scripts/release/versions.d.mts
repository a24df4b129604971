export function readVersions(): Record<string, string | undefined>
