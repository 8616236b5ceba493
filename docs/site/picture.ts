/** A picture that is drawn anew when its width, the colours of the page, or what it shows changes. */

const dark = window.matchMedia('(prefers-color-scheme: dark)')

/** A colour of the page, as `theme.css` has it. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** Calls back when the width or the colours change, until it is stopped. */
export const onResize = (element: Element, draw: () => void): (() => void) => {
  let width = element.clientWidth
  const observer = new ResizeObserver(() => {
    if (element.clientWidth === width) return
    width = element.clientWidth
    draw()
  })
  observer.observe(element)
  dark.addEventListener('change', draw)
  return () => {
    observer.disconnect()
    dark.removeEventListener('change', draw)
  }
}

/** The style of a plot: the page's, so that its axes are read like the rest. */
export const plotStyle = {
  background: 'transparent',
  color: 'inherit',
  fontFamily: 'inherit',
  fontSize: '12px',
} as const
