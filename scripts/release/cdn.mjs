const PLACE = /(?<=<!-- cdn -->\n)[\s\S]*(?=<!-- end of cdn -->)/

/** A README with the script tag of a published version: with a hash, that version only fits its own file. */
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
