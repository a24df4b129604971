import type { Demo } from '../../demo/startDemo.mjs'
import type { EngineBrowser } from '../support/engines/engine.js'
import { type TestPage, visit } from '../support/page.js'
import { type Carrier, type Client, PageRecords } from './chatPage.js'

/** The demo's chat page in any browser, with what the correlation of a call needs: a form to send, and a vote. */
export class PlainChat extends PageRecords {
  private constructor(
    demo: Demo,
    private readonly page: TestPage,
    viewId: string,
    sessionId: string,
  ) {
    super(demo, viewId, sessionId)
  }

  static async open(browser: EngineBrowser, demo: Demo, path = '/'): Promise<PlainChat> {
    const page = await visit(browser, demo.url + path)
    await page.waitFor("document.querySelector('#own-session [data-id]') !== null")
    const viewId = await page.evaluate<string>('DD_RUM.getInternalContext().view.id')
    return new PlainChat(demo, page, viewId, await page.sessionId())
  }

  /** Asks by the given carrier and client call, and waits until the answer is complete. */
  async ask(message: string, { carrier, client }: { carrier: Carrier; client: Client }): Promise<void> {
    const before = await this.page.evaluate<number>("document.querySelectorAll('article.answer').length")
    await this.page.evaluate(
      ([message, carrier, client]) => {
        const form = document.querySelector('#composer') as HTMLFormElement
        form.querySelector<HTMLInputElement>(`[name=carrier][value=${carrier}]`)?.click()
        form.querySelector<HTMLInputElement>(`[name=client][value=${client}]`)?.click()
        ;(form.elements.namedItem('message') as HTMLInputElement).value = message as string
        form.querySelector<HTMLButtonElement>('[type=submit]')?.click()
      },
      [message, carrier, client.toLowerCase()],
    )
    await this.page.waitFor((before) => {
      const answers = [...document.querySelectorAll('article.answer')]
      return answers.length > before && !answers.at(-1)?.hasAttribute('aria-busy')
    }, before)
  }

  /** Calls the last answer helpful. */
  async vote(): Promise<void> {
    await this.page.evaluate(() => {
      const buttons = [...document.querySelectorAll<HTMLButtonElement>('article.answer button')]
      const helpful = buttons.filter(({ textContent }) => textContent?.trim() === 'Helpful').at(-1)
      ;(helpful as HTMLButtonElement).click()
    })
  }

  async signInAs(name: string): Promise<void> {
    await this.page.evaluate((name) => {
      const options = [...document.querySelectorAll<HTMLOptionElement>('select option')]
      const option = options.find(({ label }) => label === name) as HTMLOptionElement
      option.selected = true
      option.closest('select')?.dispatchEvent(new Event('change', { bubbles: true }))
    }, name)
  }

  close(): Promise<void> {
    return this.page.close()
  }
}
