export function startModel(options: { wordDelay: number }): Promise<{ baseUrl: string; close(): void }>
