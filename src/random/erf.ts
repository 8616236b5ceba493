/** The error function and its inverse, in float64, to a few units of float32's last place. */

/** $\frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt$, by its series of positive terms. */
export const erf = (x: number): number => {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x)
  let sum = term
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return sum
}

const CENTRE: readonly number[] = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
]
const TAIL: readonly number[] = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
]

/**
 * The inverse of `erf`, by two polynomials.
 *
 * Source: Giles, "Approximating the erfinv function", 2010, single precision; relative error below 4e-7.
 */
export const erfInv = (x: number): number => {
  if (Math.abs(x) === 1) return x * Infinity
  const w = -Math.log1p(-x * x)
  const isTail = w >= 5
  const at = isTail ? Math.sqrt(w) - 3 : w - 2.5
  const coefficients = isTail ? TAIL : CENTRE
  let sum = 0
  // a plain loop: a sample of normal numbers is mostly this
  for (let i = 0; i < coefficients.length; i += 1) sum = sum * at + (coefficients[i] as number)
  return x * sum
}
