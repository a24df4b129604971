const PLACE = /(?<=<!-- cdn -->\n)[\s\S]*(?=<!-- end of cdn -->)/

/**
 * Puts a version and its hash into the script tags of a README. A hash fits only its own version.
 */
export function writeScriptTag(readme, { version, integrity }) {
  const path = `rum-llm-correlation@${version}/dist/rum-llm-correlation.iife.js`
  return readme.replace(
    PLACE,
    () => `\`\`\`html
<script src="https://unpkg.com/${path}" crossorigin="anonymous"
  integrity="${integrity}"></script>
<!-- or src="https://cdn.jsdelivr.net/npm/${path}" -->
\`\`\`
`,
  )
}
