import { Answer } from './answer.js'

export default function Page() {
  return <Answer />
}
