import { useEffect, useState } from 'react'
import { VERSION as AGENT_VERSION, ask } from './agent.js'

const VERSION = 1

export function Chat() {
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    ask(`effect-${VERSION}`, 'fetch')
    ask(`effect-${VERSION}`, 'xhr')
  }, [])
  const onClick = () => {
    setAsked(asked + 1)
    ask(`click-${VERSION}-${asked}`, 'fetch')
    ask(`click-${VERSION}-${asked}`, 'xhr')
  }
  return (
    <button type="button" onClick={onClick}>
      version {VERSION}, agent {AGENT_VERSION}, asked {asked}
    </button>
  )
}
