'use client'

import { useEffect, useState } from 'react'

// React's strict mode runs effects twice in development.
let asked

function ask() {
  asked ??= fetch('/api/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'hi' }),
  }).then((response) => response.json())
  return asked
}

export function Answer() {
  const [text, setText] = useState('')
  useEffect(() => void ask().then(({ answer }) => setText(answer)), [])
  return <p>{text}</p>
}
