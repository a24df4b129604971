export async function ask(message) {
  const response = await fetch('https://agent.example.com/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  })
  return (await response.json()).answer
}
