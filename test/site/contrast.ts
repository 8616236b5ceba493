/** What is hard to see on a page: texts and lines that are too near in lightness to what is behind them. */
import type { Page } from 'puppeteer-core'

export interface Contrasts {
  /** How many texts were looked at. */
  readonly texts: number
  /** How many lines of pictures, each with everything that may be behind it. */
  readonly lines: number
  /** What has too little: text under 4.5, a line under 3. */
  readonly low: readonly (readonly [what: string, contrast: number, least: number])[]
}

/** Looks at all that can be seen of a part of the page. Controls that are switched off are exempt, as WCAG has it. */
export const contrastsOf = (page: Page, part = 'body'): Promise<Contrasts> =>
  page.evaluate((part) => {
    type Colour = readonly [red: number, green: number, blue: number, opacity: number]
    const parsed = (colour: string): Colour => {
      const [red = 0, green = 0, blue = 0, opacity = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number)
      return [red, green, blue, opacity]
    }
    const over = (colour: Colour, opacity: number, ground: Colour): Colour => {
      const mixed = (i: 0 | 1 | 2): number => opacity * colour[i] + (1 - opacity) * ground[i]
      return [mixed(0), mixed(1), mixed(2), 1]
    }
    const luminance = ([red, green, blue]: Colour): number => {
      const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
        const share = value / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const contrast = (a: Colour, b: Colour): number => {
      const [x, y] = [luminance(a), luminance(b)]
      return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
    }
    const behind = (element: Element | null): Colour => {
      if (element === null) return [255, 255, 255, 1]
      const ground = parsed(getComputedStyle(element).backgroundColor)
      return ground[3] === 0 ? behind(element.parentElement) : ground
    }
    const texts = [...document.querySelectorAll(`${part} *:not(:disabled)`)].filter(
      (element) =>
        element.checkVisibility() &&
        [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
    )
    const fills = [...document.querySelectorAll('.map [aria-label=contour] path')].map((path) =>
      parsed(getComputedStyle(path).fill),
    )
    const lines = [
      ...[...document.querySelectorAll('.map .line')].flatMap((line) =>
        fills.map((fill) => ['a line of the map', parsed(getComputedStyle(line).stroke), fill] as const),
      ),
      ...[...document.querySelectorAll('.digits-plot [aria-label=line] path')].map((line) => {
        const { stroke, strokeOpacity } = getComputedStyle(line)
        const ground = behind(line)
        return ['a run', over(parsed(stroke), Number(strokeOpacity), ground), ground] as const
      }),
    ]
    const all = [
      ...texts.map((element) => {
        const { color, fill } = getComputedStyle(element)
        const own = element instanceof SVGElement ? (fill === 'none' ? color : fill) : color
        return [element.textContent ?? '', contrast(parsed(own), behind(element)), 4.5] as const
      }),
      ...lines.map(([what, own, ground]) => [what, contrast(own, ground), 3] as const),
    ]
    return {
      texts: texts.length,
      lines: lines.length,
      low: all.filter(([, value, least]) => value < least),
    }
  }, part)
