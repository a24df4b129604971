/** Tells the test where the server is, and ends with the test. */
export function listening(port, scheme = 'http') {
  console.log(`${scheme}://127.0.0.1:${port}`)
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && process.exit(), 1000).unref()
}

export function messageOf(request) {
  return String(request.headers['x-message'])
}
