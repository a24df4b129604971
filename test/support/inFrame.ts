import type { Page } from './openPage.js'
import { inPage } from './pageScript.js'

/**
 * Calls the function in a new frame, and removes the frame. A frame is as new as a page, but
 * cheaper.
 */
export function runInFrame<A, R>(
  page: Page,
  url: string,
  script: (args: A) => R | Promise<R>,
  args: A,
): Promise<Awaited<R>> {
  return page.run(
    ({ url, source }) =>
      new Promise<Awaited<R>>((resolve, reject) => {
        const frame = document.createElement('iframe')
        frame.onload = () => {
          const inner = frame.contentWindow as unknown as { eval(source: string): Promise<Awaited<R>> }
          inner
            .eval(source)
            .then(resolve, reject)
            .finally(() => frame.remove())
        }
        frame.src = url
        document.body.append(frame)
      }),
    { url, source: inPage(script, args) },
  ) as Promise<Awaited<R>>
}
