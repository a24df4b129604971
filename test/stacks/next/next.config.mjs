export default {
  // Both must be the ones in node_modules, which the tracer instruments, and not copies in a bundle.
  serverExternalPackages: ['dd-trace', 'openai'],
  turbopack: { root: import.meta.dirname },
}
