// @ts-check
import { find, focusIn, h } from './dom.js'
import { preview, stepsOf } from './storySteps.js'

/** @import { Child } from './dom.js' */

/** @import { Call, Jumps, Mode } from './page.js' */

const modes = /** @type {const} */ (['without', 'with'])

/**
 * The strip over the panels: one lane without the plugin, and one with it. Each shows its last call
 * in three steps. Choosing a lane takes the plugin out of the page, or puts it in again.
 *
 * @param {{ onChoose(how: { byPerson: boolean }): void } & Jumps} options
 */
export function startStory({ onChoose, ...jumps }) {
  const lanes = { without: laneOf('without'), with: laneOf('with') }
  /** @type {Map<Mode, Call>} */
  const calls = new Map()
  /** @type {Mode} */
  let mode = 'with'
  /** @type {string | undefined} */
  let ownSession

  /** @param {Mode} next */
  function choose(next, { byPerson = false } = {}) {
    if (next === mode) return
    mode = next
    radioOf(lanes[mode]).checked = true
    const { plugin, rum } = window.DEMO
    if (mode === 'with') plugin.onInit({ publicApi: window.DD_RUM, initConfiguration: rum })
    else plugin.stop()
    onChoose({ byPerson })
  }
  for (const each of modes) lanes[each].addEventListener('change', () => choose(each, { byPerson: true }))
  // Browsers keep the choice over a reload, but the page starts with the plugin.
  radioOf(lanes[mode]).checked = true

  /** @param {Mode} which */
  function render(which) {
    const call = calls.get(which)
    const steps = call ? stepsOf(call, jumps) : preview(which, ownSession)
    lanes[which].classList.toggle('preview', !call)
    lanes[which].querySelectorAll('td').forEach((cell, index) => {
      showStep(cell, steps[index] ?? [])
    })
  }
  modes.forEach(render)

  return {
    get mode() {
      return mode
    },
    choose,
    /**
     * Makes `call` the last one of its lane.
     *
     * @param {Call} call
     */
    show(call) {
      calls.set(call.mode, call)
      render(call.mode)
    },
    /**
     * Shows what has become known of `call`, if it is still the last one of its lane.
     *
     * @param {Call} call
     */
    update(call) {
      if (calls.get(call.mode) === call) render(call.mode)
    },
    /** @param {string | undefined} id */
    setOwnSession(id) {
      ownSession = id
      render('with')
    },
  }
}

/** @typedef {ReturnType<typeof startStory>} Story */

/** @param {Mode} mode */
const laneOf = (mode) => find(`.story [data-mode="${mode}"]`)

/** @param {HTMLElement} lane */
const radioOf = (lane) => /** @type {HTMLInputElement} */ (find('input', lane))

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
