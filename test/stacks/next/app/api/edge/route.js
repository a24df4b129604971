import { register, rumSessionOf } from 'rum-llm-correlation/server'

export const runtime = 'edge'

export function GET(request) {
  register()()
  return Response.json(rumSessionOf(request))
}
