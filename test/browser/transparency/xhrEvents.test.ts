import { ENGINE } from '../../support/engines/engine.js'
import { itIsTheSameWithEachCarrier, type Row, useCarrierPages, withValues } from './eachCarrier.js'

useCarrierPages()

const RESPONSE_TYPES = ['', 'text', 'arraybuffer', 'blob', 'document', 'json', 'unknown']

const ofResponseType = (type: string): Row => ({
  name: `responseType: ${type || 'none'}`,
  ...withValues({ type }, async ({ url, type, loggedXhr, ended }) => {
    const { xhr, log } = loggedXhr()
    xhr.open('POST', url)
    xhr.responseType = type as XMLHttpRequestResponseType
    const end = ended(xhr)
    xhr.send('{"a":1}')
    await end
    const { response } = xhr
    const content = response?.byteLength ?? response?.size ?? (response && JSON.stringify(response))
    return [log, xhr.responseType, Object.prototype.toString.call(response), content]
  }),
})

const ROWS: Row[] = [
  {
    name: 'progress of an upload',
    script: async ({ url, loggedXhr, ended }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('POST', url)
      const end = ended(xhr)
      xhr.send('x'.repeat(10_000))
      await end
      return log
    },
  },
  {
    name: 'aborted before the answer',
    arrive: 'any',
    ...withValues({ engine: ENGINE }, async ({ url, engine, loggedXhr, ended }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('POST', `${url}/hangs`)
      const end = ended(xhr)
      // Firefox tells that an upload has ended only when the answer comes.
      if (engine === 'firefox') {
        setTimeout(() => xhr.abort(), 500)
      } else {
        xhr.upload.addEventListener('loadend', () => setTimeout(() => xhr.abort()))
      }
      xhr.send('{"a":1}')
      await end
      return [log, xhr.readyState, xhr.status]
    }),
  },
  {
    name: 'aborted in the middle of the answer',
    script: async ({ url, loggedXhr, ended }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('GET', `${url}/slow`)
      const end = ended(xhr)
      xhr.onprogress = () => xhr.abort()
      xhr.send()
      await end
      return [log, xhr.readyState, xhr.responseText]
    },
  },
  {
    name: 'out of time',
    arrive: 'any',
    script: async ({ url, loggedXhr, ended }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('GET', `${url}/hangs`)
      xhr.timeout = 100
      const end = ended(xhr)
      xhr.send()
      await end
      return [log, xhr.timeout, xhr.status]
    },
  },
  {
    name: 'time that is set while it runs',
    arrive: 'any',
    lacks: { webkit: 'an XHR that runs takes no time to be set' },
    script: async ({ url, loggedXhr, ended }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('GET', `${url}/hangs`)
      const end = ended(xhr)
      xhr.send()
      xhr.timeout = 100
      await end
      return log
    },
  },
  {
    name: 'synchronous',
    script: ({ url, loggedXhr }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('POST', url, false)
      xhr.send('{"a":1}')
      return [log, xhr.status, xhr.responseText, xhr.responseURL, xhr.getResponseHeader('content-type')]
    },
  },
  {
    name: 'synchronous to where nothing listens',
    arrive: 0,
    script: ({ url, loggedXhr }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('GET', `http://127.0.0.1:1${new URL(url).pathname}`, false)
      try {
        xhr.send()
        return log
      } catch (error) {
        const { name, message } = error as DOMException
        return [log, name, message.replace(/'[^']*'/, '')]
      }
    },
  },
  {
    name: 'redirected',
    arrive: 'any',
    script: async ({ url, loggedXhr, ended }) => {
      const { xhr, log } = loggedXhr()
      xhr.open('GET', `${url}/moved`)
      const end = ended(xhr)
      xhr.send()
      await end
      return [log, xhr.responseURL]
    },
  },
  {
    name: 'a listener that throws',
    script: async ({ url, loggedXhr, ended, sleep }) => {
      const { xhr, log } = loggedXhr()
      const errors: string[] = []
      const note = (event: ErrorEvent) => {
        errors.push(event.message)
        event.preventDefault()
      }
      addEventListener('error', note)
      xhr.addEventListener('load', () => {
        throw new RangeError('of the page')
      })
      xhr.open('GET', url)
      const end = ended(xhr)
      xhr.send()
      await end
      await sleep(0)
      removeEventListener('error', note)
      return [log, errors]
    },
  },
]

itIsTheSameWithEachCarrier([...RESPONSE_TYPES.map(ofResponseType), ...ROWS])
