fetch('/api/chat', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: 'hi' }),
}).then(async (response) => document.body.append((await response.json()).answer))
