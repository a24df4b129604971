// @ts-check
/**
 * Follows what the intake receives, from the beginning on: calls `on[kind](item)`, and `on.open()` before everything comes
 * again.
 *
 * @param {Record<string, ((item?: any) => void) | undefined>} on
 */
export function followStream(on) {
  const source = new EventSource('/observability/stream')
  source.onopen = () => on.open?.()
  source.onmessage = ({ data }) => {
    const { kind, item } = JSON.parse(data)
    on[kind]?.(item)
  }
}
