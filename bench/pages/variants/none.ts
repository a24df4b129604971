// The stubbed network alone. All other variants are compared with it.

export {}
