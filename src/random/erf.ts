/** The error function and its inverse, in float64. */

/**
 * Coefficients of `erf`, from the constant on: below 1 of erf(x)/x − 1 in x², from there on of e^(x²)·(1 − erf(x)) in
 * (x − 2)/(x + 2), each through Chebyshev's points; both are right to 1e-17 of erf.
 */
export const erfCoefficients: { readonly near: readonly number[]; readonly far: readonly number[] } = {
  near: [
    0.12837916709551256, -0.37612638903183543, 0.11283791670945006, -0.02686617064323777,
    0.0052239776071164225, -0.0008548325975389692, 0.00012055294904839707, -1.492473690741966e-5,
    1.6447424703317362e-6, -1.6208483801871705e-7, 1.3720064546777686e-8, -7.795898827002142e-10,
  ],
  far: [
    0.25539567631050575, -0.4271858474139579, 0.24165819424246987, -0.07897858101585253, 0.00373289240349224,
    0.006997461747753573, -0.0008471431980760424, -0.0009819773208131022, 4.3554202452705896e-5,
    0.00017436697232946864, 2.754312818566672e-5, -2.7647305443610053e-5, -1.4067532694582058e-5,
    1.820143195975009e-6, 3.917059299925389e-6,
  ],
}

/** The error function $\frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt$, to two units in float64's last place. */
export const erf = (x: number): number => {
  const size = Math.abs(x)
  if (size >= 6) return Math.sign(x)
  const isNear = size < 1
  const at = isNear ? x * x : (size - 2) / (size + 2)
  const coefficients = isNear ? erfCoefficients.near : erfCoefficients.far
  let sum = 0
  for (let i = coefficients.length - 1; i >= 0; i -= 1) sum = sum * at + (coefficients[i] as number)
  return isNear ? x + x * sum : Math.sign(x) * (1 - Math.exp(-x * x) * sum)
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
 * The inverse of `erf`, by two polynomials, to a few units in float32's last place.
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
