/** `server`: where the agent is, and where RUM sends its events; `page`: what the calls of this page are known by. */
export const { server, page } = Object.fromEntries(new URLSearchParams(location.search))
