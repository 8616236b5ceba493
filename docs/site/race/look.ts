/** How optimizers are told apart: five colours that differ for everyone, and three kinds of lines and marks. */
import { svg } from '../dom.js'
import { type Optimizer, optimizers } from './optimizers.js'

const colours = 5

const shapes = [
  'M5,0A5,5,0,1,1,-5,0A5,5,0,1,1,5,0Z',
  'M-4.5,-4.5H4.5V4.5H-4.5Z',
  'M0,-6.5L6.5,0L0,6.5L-6.5,0Z',
]

/** The mark at a runner's place. */
export const shapeOf = (optimizer: Optimizer): string =>
  shapes[Math.floor(optimizers.indexOf(optimizer) / colours)] ?? ''

/** The classes that colour and dash what belongs to an optimizer; `theme.css` has them. */
export const classOf = (optimizer: Optimizer): string => {
  const i = optimizers.indexOf(optimizer)
  return `hue-${i % colours} dash-${Math.floor(i / colours)}`
}

/** A piece of an optimizer's line with its mark, to stand beside its name. */
export const swatch = (optimizer: Optimizer): SVGElement =>
  svg(
    'svg',
    {
      class: `swatch ${classOf(optimizer)}`,
      viewBox: '0 -8 36 16',
      width: 36,
      height: 16,
      'aria-hidden': 'true',
    },
    svg('path', { class: 'line', d: 'M1,0H35' }),
    svg('path', { class: 'mark', d: shapeOf(optimizer), transform: 'translate(18,0)' }),
  )
