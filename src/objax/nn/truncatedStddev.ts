/** The standard deviation of a normal distribution without its tails. */

/** Beyond so many standard deviations, a tail has less than $10^{-18}$ of its density. */
const REACH = 9.1

/** Into how many parts Simpson's rule divides an interval; even. */
const PARTS = 2048

/**
 * The standard deviation, 1 at first, after the tails are cut off. It comes from a sum of squares: in a narrow
 * interval or far out, the closed form subtracts nearly equal numbers.
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
