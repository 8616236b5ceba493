/** How a slider's place, from 0 to 1, becomes the number of a setting, and back. */
import type { Setting } from './optimizers.js'

/** To so many digits, as one would type it. */
const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits))

/** The number at a place. */
export const valueAt = ({ min, max, scale }: Setting, place: number): number => {
  switch (scale) {
    case 'even':
      return rounded(min + place * (max - min), 2)
    case 'whole':
      return Math.round(min + place * (max - min))
    case 'log':
      return rounded(min * (max / min) ** place, 2)
    case 'nearOne':
      return rounded(1 - rounded((1 - min) * ((1 - max) / (1 - min)) ** place, 2), 6)
  }
}

/** The place of a number. */
export const placeOf = ({ min, max, scale }: Setting, value: number): number => {
  switch (scale) {
    case 'even':
    case 'whole':
      return (value - min) / (max - min)
    case 'log':
      return Math.log(value / min) / Math.log(max / min)
    case 'nearOne':
      return Math.log((1 - value) / (1 - min)) / Math.log((1 - max) / (1 - min))
  }
}
