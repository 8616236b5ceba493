/** How lines are told apart: five colours that differ for everyone, and four kinds of lines and marks. */
import { svg } from './dom.js'

const colours = 5

const shapes = [
  'M5,0A5,5,0,1,1,-5,0A5,5,0,1,1,5,0Z',
  'M-4.5,-4.5H4.5V4.5H-4.5Z',
  'M0,-6.5L6.5,0L0,6.5L-6.5,0Z',
  'M0,-6L6,5H-6Z',
]

/** Which kind of line the one of some number is. */
const kindOf = (number: number): number => Math.floor(number / colours) % shapes.length

/** The mark where a line has come to. */
export const shapeOf = (number: number): string => shapes[kindOf(number)] ?? ''

/** The classes that colour and dash a line; `theme.css` has them. */
export const classOf = (number: number): string => `hue-${number % colours} dash-${kindOf(number)}`

/** A piece of a line with its mark, to stand beside its name. */
export const swatch = (number: number): SVGElement =>
  svg(
    'svg',
    {
      class: `swatch ${classOf(number)}`,
      viewBox: '0 -8 36 16',
      width: 36,
      height: 16,
      'aria-hidden': 'true',
    },
    svg('path', { class: 'line', d: 'M1,0H35' }),
    svg('path', { class: 'mark', d: shapeOf(number), transform: 'translate(18,0)' }),
  )
