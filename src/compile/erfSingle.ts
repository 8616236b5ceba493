/**
 * The error function by operations of float32, for interpreters that have no other: coefficients, from the constant on.
 *
 * Fitted through Chebyshev's points to the function in 60 digits; each is right to 2⁻²⁷ of erf.
 */

/** Of erf(x)/x − 1 in x², for |x| up to 1. */
export const nearZero: readonly number[] = [
  0.128379166, -0.376126267, 0.112835947, -0.026854212, 0.00518908742, -0.000801686429, 7.87587506e-5,
]

/** Of −ln(1 − erf(x)) in x, from 1 to 4; from there on erf is 1. */
export const farFromZero: readonly number[] = [
  -0.00032013805, 1.13023343, 0.631826052, 0.110080083, -0.026421136, 0.00475959629, -0.000596805626,
  4.60580427e-5, -1.63715141e-6,
]
