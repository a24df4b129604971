import 'posthog-js/dist/tracing-headers'
import posthog from 'posthog-js/dist/module.no-external'
import { makeCall, until } from './calls.js'

const whole = window.fetch
posthog.init('phc_test', {
  api_host: `${location.origin}/posthog`,
  tracing_headers: [location.hostname],
  autocapture: false,
  capture_pageview: false,
  capture_pageleave: false,
  disable_session_recording: true,
  advanced_disable_flags: true,
  persistence: 'memory',
})

window.library = {
  ready: () => until(() => window.fetch !== whole),
  call: makeCall,
  take: () => ({ distinct: typeof posthog.get_distinct_id(), session: typeof posthog.get_session_id() }),
}
