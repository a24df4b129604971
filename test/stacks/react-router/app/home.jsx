import { useEffect, useState } from 'react'

export default function Home() {
  const [text, setText] = useState('')
  useEffect(() => {
    fetch('/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'hi' }),
    })
      .then((response) => response.json())
      .then(({ answer }) => setText(answer))
  }, [])
  return <p>{text}</p>
}
