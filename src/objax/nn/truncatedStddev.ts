/** What the standard deviation of a normal distribution is without its tails. */

/** Beyond so many standard deviations less than $10^{-18}$ of a tail's density is left. */
const REACH = 9.1

/** Into how many parts Simpson's rule divides an interval; even. */
const PARTS = 2048

/**
 * The standard deviation that is left of 1 when the tails are cut off: of a sum of squares, where the closed form
 * subtracts numbers of which nothing is left in a narrow interval or far out.
 */
export const truncatedStddev = (lower: number, upper: number): number => {
  const peak = Math.min(Math.max(0, lower), upper)
  const reach = Math.hypot(peak, REACH)
  const [from, to] = [Math.max(lower, -reach), Math.min(upper, reach)]
  // relative to the greatest, which may be too small for a number
  const density = (x: number): number => Math.exp(((peak - x) * (peak + x)) / 2)
  const integral = (f: (x: number) => number): number => {
    let sum = 0
    for (let i = 0; i <= PARTS; i += 1) {
      const x = (i / PARTS) * (to - from)
      sum += (i === 0 || i === PARTS ? 1 : i % 2 === 1 ? 4 : 2) * f(x) * density(from + x)
    }
    return sum
  }
  const mass = integral(() => 1)
  const mean = integral((x) => x) / mass
  return Math.sqrt(integral((x) => (x - mean) ** 2) / mass)
}
