// The polyfill steps in where there is none.
window.fetch = undefined
