import '@angular/compiler'
import { HttpClient, HttpEventType, provideHttpClient, withFetch, withInterceptors } from '@angular/common/http'
import {
  createEnvironmentInjector,
  NgZone,
  provideZoneChangeDetection,
  provideZonelessChangeDetection,
} from '@angular/core'
import { createApplication } from '@angular/platform-browser'
import { tap } from 'rxjs'
import { until } from './calls.js'

const hasZone = 'Zone' in window
let seen
const intercepted = (request, next) => {
  seen.intercepted.push([request.method, request.urlWithParams])
  return next(request.clone({ setHeaders: { 'x-intercepted': '1' } })).pipe(
    tap((event) => seen.intercepted.push(HttpEventType[event.type])),
  )
}

let zone
const clients = {}
const created = createApplication({
  providers: [hasZone ? provideZoneChangeDetection() : provideZonelessChangeDetection()],
}).then(({ injector }) => {
  zone = injector.get(NgZone)
  for (const [name, features] of Object.entries({
    'HttpClient with XHR': [],
    'HttpClient with fetch': [withFetch()],
  })) {
    const http = provideHttpClient(withInterceptors([intercepted]), ...features)
    clients[name] = createEnvironmentInjector([http], injector).get(HttpClient)
  }
  zone.onStable.subscribe(() => {
    if (seen) seen.stable = true
  })
})

window.library = {
  ready: () => created,
  async call({ client, method, url, body }) {
    seen = { intercepted: [], events: [], inZone: undefined, stable: false }
    const result = await zone.run(
      () =>
        new Promise((resolve) => {
          const options = { body: body && JSON.parse(body), observe: 'events', reportProgress: true }
          clients[client].request(method, url, options).subscribe({
            next: (event) => {
              seen.inZone = NgZone.isInAngularZone()
              // How many of them there are is a matter of time.
              if (event.type !== HttpEventType.DownloadProgress) seen.events.push(HttpEventType[event.type])
              if (event.type === HttpEventType.Response) seen.response = [event.status, event.url, event.body]
            },
            error: (error) => resolve(String(error.message)),
            complete: () => resolve('complete'),
          })
        }),
    )
    await until(() => !hasZone || (zone.isStable && !zone.hasPendingMacrotasks))
    seen.isStable = [zone.isStable, zone.hasPendingMacrotasks]
    return result
  },
  take: () => ({ ...seen, intercepted: seen.intercepted.filter((what) => what !== 'DownloadProgress') }),
}
