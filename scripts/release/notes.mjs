/** The section of the changelog on a version, which is the text of its release. */
export function releaseNotes(changelog, version) {
  const [, text] = changelog.split(new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - .*$`, 'm'))
  const notes = text?.split(/^## /m)[0]?.trim()
  if (!notes) throw new Error(`CHANGELOG.md says nothing of ${version}`)
  return `${notes}\n`
}
