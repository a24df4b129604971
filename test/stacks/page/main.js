import './rum.js'

const response = await fetch('/api/chat', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: 'hi' }),
})
document.body.append((await response.json()).answer)
