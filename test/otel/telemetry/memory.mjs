/** Sends the finished spans of this process to the test that asks for them. */
export function sendSpansOf(exporter) {
  process.on('message', (message) => {
    if (message === 'spans') {
      const spans = exporter.getFinishedSpans().map((span) => ({
        name: span.name,
        traceId: span.spanContext().traceId,
        attributes: span.attributes,
      }))
      exporter.reset()
      process.send({ spans })
    }
  })
}
