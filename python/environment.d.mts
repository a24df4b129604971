/** Makes sure that the package and what its tests need are installed; gives the path of a command of theirs. */
export function preparePackage(): Promise<(command: string) => string>
