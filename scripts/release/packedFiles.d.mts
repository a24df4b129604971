export function comparePackedFiles(): { unexpected: string[]; missing: string[] }
