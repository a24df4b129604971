export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { register } = await import('rum-llm-correlation/server')
    register()
    if (process.env.TRACER === 'in code') {
      const { default: tracer } = await import('dd-trace')
      tracer.init()
    }
  }
}
