import './withoutFetch.js'
import * as polyfill from 'whatwg-fetch'
import { makeCall } from './calls.js'

window.library = {
  call: makeCall,
  take: () => ({ isPolyfill: polyfill.fetch.polyfill === true && window.Response === polyfill.Response }),
}
