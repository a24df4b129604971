export function writeScriptTag(readme: string, release: { version: string; integrity: string }): string
