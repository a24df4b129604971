// The least that any patch costs: functions that only forward.
const originalFetch = globalThis.fetch
globalThis.fetch = function (this: unknown, ...args) {
  return originalFetch.apply(this as never, args)
}
const { prototype } = XMLHttpRequest
const { open, send, setRequestHeader } = prototype
prototype.open = function (this: XMLHttpRequest, ...args: unknown[]) {
  return open.apply(this, args as never)
}
prototype.setRequestHeader = function (this: XMLHttpRequest, ...args) {
  return setRequestHeader.apply(this, args)
}
prototype.send = function (this: XMLHttpRequest, ...args) {
  return send.apply(this, args)
}

export {}
