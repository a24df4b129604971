/** jsdom has no fetch in Jest. */
const stub = jest.fn(async () => ({ json: async () => ({ answer: 'hello' }) }))

const ask = async (message) => {
  const response = await fetch('/api/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  })
  return (await response.json()).answer
}

it('the package is loaded and does no harm: a stub made before gets the calls as they were made', async () => {
  globalThis.fetch = stub
  const { datadogRum } = require('@datadog/browser-rum')
  const { llmCorrelation } = require('rum-llm-correlation')
  datadogRum.init({
    applicationId: '<APPLICATION_ID>',
    clientToken: '<CLIENT_TOKEN>',
    plugins: [llmCorrelation({ origins: ['/api/chat'] })],
  })
  expect(globalThis.fetch).not.toBe(stub)
  expect(await ask('hi')).toBe('hello')
  expect(stub.mock.calls).toEqual([['/api/chat', expect.objectContaining({ body: '{"message":"hi"}' })]])
})
