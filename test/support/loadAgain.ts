/** In a page that is being parsed: loads the script-tag bundle of the plugin, in place. */
export function loadAgain(): void {
  document.write(`<script src="/files/dist/rum-llm-correlation.iife.js"></${'script'}>`)
}
