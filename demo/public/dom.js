/** Makes an element: `h('button', { class: 'quiet', onclick }, 'Close')`. */
export function h(name, props = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (key === 'style') element.style.cssText = value
    else element.setAttribute(key, value === true ? '' : value)
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false && child !== null))
  return element
}

export const byId = (id) => document.getElementById(id)

/** Puts `element` in the place of the one with the same data-key, or at the end; the focus inside it survives. */
export function replaceKeyed(container, key, element) {
  element.dataset.key = key
  const old = container.querySelector(`:scope > [data-key="${CSS.escape(key)}"]`)
  if (!old) return container.append(element)
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined
  old.replaceWith(element)
  if (focused) element.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus()
}

/** Scrolls to an element and lets it light up for a moment. */
export function reveal(element) {
  element.scrollIntoView({ block: 'start', behavior: 'smooth' })
  element.classList.remove('flash')
  void element.offsetWidth // restarts the animation
  element.classList.add('flash')
}
