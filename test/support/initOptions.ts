/** In the page: what a test's page gives to `DD_RUM.init`, but for the plugins. */
export const initOptions = () => ({
  applicationId: '00000000-0000-4000-8000-000000000000',
  clientToken: 'pub00000000000000000000000000000000',
  service: 'test-page',
  sessionSampleRate: 100,
  telemetrySampleRate: 0,
  proxy: `${location.origin}/rum-intake`,
})
