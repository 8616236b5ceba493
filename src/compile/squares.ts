/**
 * Sums of squares whose root is to be taken: a norm may well be a number where its square is none.
 *
 * Elements are squared as they are, which nearly always does. Only where the sum leaves a safe range, they are first
 * multiplied by a power of two, which rounds nothing, and the root is divided by it.
 */

/** Where a sum of squares is exact enough, and the power of two that brings others into it, or its inverse. */
export interface SquareRange {
  readonly least: number
  readonly most: number
  readonly power: number
}

/** Of float32, with its numbers below 2⁻¹²⁶: what they lose of squares is nothing beside a sum of `least`. */
export const float32Squares: SquareRange = { least: 2 ** -100, most: 2 ** 100, power: 2 ** 80 }

/** Of float32 where what is below 2⁻¹²⁶ may count as zero. */
export const flushedSquares: SquareRange = { ...float32Squares, least: 2 ** -60 }

/** Of float64. */
export const float64Squares: SquareRange = { least: 2 ** -900, most: 2 ** 900, power: 2 ** 600 }

/** What elements are to be multiplied by, given the sum of their squares as they are. A NaN stays as it is. */
export const powerFor = (squares: number, { least, most, power }: SquareRange): number =>
  squares > most ? 1 / power : squares < least ? power : 1

/** A square in float32, and still where it is not a number of it. */
export const square32 = (x: number): number => {
  const power = powerFor(x * x, float32Squares)
  const scaled = x * power
  return Math.fround(scaled * scaled) / power / power
}

/** The root of a sum of squares in float32; in float64 the sum itself is always a number. */
export const root32 = (squares: number): number => {
  const power = powerFor(squares, float32Squares)
  return Math.fround(Math.sqrt(Math.fround(squares * power * power)) / power)
}
