// @ts-check
import { find, focusIn, h } from './dom.js'
import { preview, stepsOf } from './storySteps.js'

/** @import { Child } from './dom.js' */

/** @import { Call, Jumps, Mode } from './page.js' */

const modes = /** @type {const} */ (['without', 'with'])

/**
 * The strip over the panels: one lane without the plugin, and one with it. Each shows its last call
 * in three steps. Choosing a lane takes the plugin out of the page, or puts it in again.
 */
export class Story {
  #lanes = { without: laneOf('without'), with: laneOf('with') }
  /** @type {Map<Mode, Call>} */
  #calls = new Map()
  /** @type {Mode} */
  #mode = 'with'
  /** @type {string | undefined} */
  #ownSession
  #onChoose
  #jumps

  /** @param {{ onChoose(how: { byPerson: boolean }): void, jumps: Jumps }} options */
  constructor({ onChoose, jumps }) {
    this.#onChoose = onChoose
    this.#jumps = jumps
    for (const mode of modes) {
      this.#lanes[mode].addEventListener('change', () => this.choose(mode, { byPerson: true }))
      this.#render(mode)
    }
    // Browsers keep the choice over a reload, but the page starts with the plugin.
    radioOf(this.#lanes.with).checked = true
  }

  /** Whether the next call is made with the plugin. */
  get mode() {
    return this.#mode
  }

  /** @param {Mode} mode */
  choose(mode, { byPerson = false } = {}) {
    if (mode === this.#mode) return
    this.#mode = mode
    radioOf(this.#lanes[mode]).checked = true
    const { plugin, rum } = window.DEMO
    if (mode === 'with') plugin.onInit({ publicApi: window.DD_RUM, initConfiguration: rum })
    else plugin.stop()
    this.#onChoose({ byPerson })
  }

  /**
   * Makes `call` the last one of its lane.
   *
   * @param {Call} call
   */
  show(call) {
    this.#calls.set(call.mode, call)
    this.#render(call.mode)
  }

  /**
   * Shows what has become known of `call`, if it is still the last one of its lane.
   *
   * @param {Call} call
   */
  update(call) {
    if (this.#calls.get(call.mode) === call) this.#render(call.mode)
  }

  /** @param {string | undefined} id */
  setOwnSession(id) {
    this.#ownSession = id
    this.#render('with')
  }

  /** @param {Mode} mode */
  #render(mode) {
    const call = this.#calls.get(mode)
    const steps = call ? stepsOf(call, this.#jumps) : preview(mode, this.#ownSession)
    const lane = this.#lanes[mode]
    lane.classList.toggle('preview', !call)
    lane.querySelectorAll('td').forEach((cell, index) => {
      showStep(cell, steps[index] ?? [])
    })
  }
}

/** @param {Mode} mode */
function laneOf(mode) {
  return find(`.story [data-mode="${mode}"]`)
}

/** @param {HTMLElement} lane */
function radioOf(lane) {
  return /** @type {HTMLInputElement} */ (find('input', lane))
}

/**
 * Replaces what a cell shows. The focus inside it stays.
 *
 * @param {HTMLElement} cell
 * @param {Child[]} step
 */
function showStep(cell, step) {
  const active = document.activeElement
  const focused = active instanceof HTMLElement && cell.contains(active) ? active.dataset.focus : undefined
  cell.replaceChildren(h('div', { class: 'step' }, ...step))
  if (focused) focusIn(cell, focused)
}
