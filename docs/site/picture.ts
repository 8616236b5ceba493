/** A picture that is drawn anew when its width, the colours of the page, or what it shows changes. */
import type * as Plot from '@observablehq/plot'

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

/** What is around the part of a plot that shows numbers, in pixels. */
export interface Margin {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The page's style, so that axes are read like the rest. */
const style = {
  background: 'transparent',
  color: 'inherit',
  fontFamily: 'inherit',
  fontSize: '12px',
} as const

/** What plots of the page have in common, for `Plot.plot`. */
export const plotOf = (
  width: number,
  height: number,
  { left, top, right, bottom }: Margin,
): Plot.PlotOptions => ({
  width,
  height,
  marginLeft: left,
  marginTop: top,
  marginRight: right,
  marginBottom: bottom,
  style,
})
