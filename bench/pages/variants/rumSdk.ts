import { datadogRum, type RumInitConfiguration } from '@datadog/browser-rum'

/** Starts the real RUM SDK, and tells when it has a session. */
export function startRum(configuration: Partial<RumInitConfiguration>): void {
  datadogRum.init({
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    service: 'bench',
    sessionSampleRate: 100,
    sessionReplaySampleRate: 0,
    telemetrySampleRate: 0,
    proxy: '/rum-intake',
    ...configuration,
  })
  Object.assign(globalThis, {
    ready: new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (datadogRum.getInternalContext()?.session_id) {
          clearInterval(timer)
          resolve()
        }
      }, 10)
    }),
  })
}
