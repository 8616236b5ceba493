/**
 * The operators as WGSL, with the special values that JavaScript has.
 *
 * A compiler of WGSL may assume that no number is NaN or infinite, so what is special is told by bits, which
 * it may not assume anything about; and no constant of the language is infinite, so those come from a buffer.
 * Numbers below 2⁻¹²⁶ may be taken for zero, as the language allows; all that only looks or chooses keeps them:
 * signs, comparisons, `min` and `max`.
 *
 * There are no branches, not even those of `&&` and `||`: what branches in a loop may take a compiler seconds.
 */

import { called, declarationsOf } from '../called.js'
import { farFromZero, nearZero } from '../erfSingle.js'
import type { Choose, Statement } from '../statements.js'
import { waves } from './waves.js'

/** How many elements a thread computes at once: vectors where a leaf can be cut into such. */
export type Width = 1 | 4

/** The bits of infinity, of which a kernel learns from a buffer. */
export const INFINITY_BITS = 0x7f800000

/** The types that the functions are written in: numbers F, their bits U and I, truth values B. */
const types = (width: Width): string =>
  Object.entries({ F: 'f32', U: 'u32', I: 'i32', B: 'bool' })
    .map(([name, type]) => `alias ${name} = ${width === 1 ? type : `vec4<${type}>`};`)
    .join('\n')

const polynomial = (coefficients: readonly number[], x: string): string =>
  coefficients.reduceRight((rest, each) => (rest === '' ? `${each}` : `(${each} + ${x} * ${rest})`), '')

const body = `
fn bits(x: F) -> U { return bitcast<U>(x); }
fn size_bits(x: F) -> U { return bitcast<U>(x) & U(0x7fffffffu); }
fn is_nan(x: F) -> B { return size_bits(x) > U(0x7f800000u); }
fn is_zero(x: F) -> B { return size_bits(x) == U(0u); }
fn is_infinite(x: F) -> B { return size_bits(x) == U(0x7f800000u); }
fn is_minus(x: F) -> B { return bits(x) >= U(0x80000000u); }
fn infinity() -> F { return bitcast<F>(U(bits_of_infinity())); }
fn minus_infinity() -> F { return bitcast<F>(U(bits_of_infinity() | 0x80000000u)); }
fn nan() -> F { return bitcast<F>(U(bits_of_infinity() | 0x00400000u)); }

fn neg_f(x: F) -> F { return bitcast<F>(bits(x) ^ U(0x80000000u)); }
fn abs_f(x: F) -> F { return bitcast<F>(size_bits(x)); }
fn with_sign(x: F, sign: F) -> F { return bitcast<F>(size_bits(x) | (bits(sign) & U(0x80000000u))); }
fn sign_f(x: F) -> F { return select(with_sign(F(1.0), x), x, is_zero(x) | is_nan(x)); }
fn sqrt_f(x: F) -> F {
  let itself = is_zero(x) | (bits(x) == U(0x7f800000u)) | is_nan(x);
  return select(select(sqrt(abs_f(x)), nan(), is_minus(x)), x, itself);
}

// whole numbers in the order of numbers: of places, −0 just below 0; of values, both zeros the same
fn place(x: F) -> I { return bitcast<I>(x) ^ ((bitcast<I>(x) >> U(31u)) & I(0x7fffffff)); }
fn value(x: F) -> I { return select(bitcast<I>(x), -bitcast<I>(size_bits(x)), is_minus(x)); }
fn either_nan(x: F, y: F) -> B { return is_nan(x) | is_nan(y); }

fn min_f(x: F, y: F) -> F { return select(select(y, x, place(x) < place(y)), nan(), either_nan(x, y)); }
fn max_f(x: F, y: F) -> F { return select(select(y, x, place(x) > place(y)), nan(), either_nan(x, y)); }
fn lt_f(x: F, y: F) -> B { return !either_nan(x, y) & (value(x) < value(y)); }
fn le_f(x: F, y: F) -> B { return !either_nan(x, y) & (value(x) <= value(y)); }
fn eq_f(x: F, y: F) -> B { return !either_nan(x, y) & (value(x) == value(y)); }
fn ne_f(x: F, y: F) -> B { return !eq_f(x, y); }

// x·2ⁿ in two steps, since one power of two may lie beyond the numbers
fn times_power(x: F, n: I) -> F {
  let half = n >> U(1u);
  return x * bitcast<F>((half + I(127)) << U(23u)) * bitcast<F>((n - half + I(127)) << U(23u));
}
// eʳ for |r| ≤ ln 2 / 2, by its series
fn exp_near_zero(r: F) -> F {
  let tail = 0.00833333333 + r * (0.00138888889 + r * 0.000198412698);
  return 1.0 + r * (1.0 + r * (0.5 + r * (0.166666667 + r * (0.0416666667 + r * tail))));
}
fn exp_f(x: F) -> F {
  let near = clamp(x, F(-104.0), F(89.0));
  let n = round(near * 1.44269504);
  // ln 2 in two parts, the first so short that its product is exact
  let power = times_power(exp_near_zero((near - n * 0.693145752) - n * 1.42860677e-6), I(n));
  return select(select(select(power, F(0.0), x < F(-104.0)), infinity(), x > F(88.7229)), x, is_nan(x));
}

// |x| = m·2ᵉ with √½ ≤ m < √2, also below 2⁻¹²⁶
struct Parts { m: F, e: F }
fn parts(x: F) -> Parts {
  let subnormal = size_bits(x) < U(0x00800000u);
  let whole = bitcast<I>(select(abs_f(x), F(size_bits(x)), subnormal));
  let e = (whole - I(0x3f3504f3)) >> U(23u);
  return Parts(bitcast<F>(whole - (e << U(23u))), F(e) - select(F(0.0), F(149.0), subnormal));
}
// ln((1 + s) / (1 − s)) − 2s
fn log_tail(s: F) -> F {
  let z = s * s;
  return s * z * (0.666666667 + z * (0.4 + z * (0.285714286 + z * (0.222222222 + z * 0.181818182))));
}
fn log_f(x: F) -> F {
  let at = parts(x);
  let f = at.m - 1.0;
  let s = f / (2.0 + f);
  let sum = at.e * 0.693145752 + (f - s * f + log_tail(s) + at.e * 1.42860677e-6);
  let special = select(select(x, nan(), is_minus(x)), minus_infinity(), is_zero(x));
  return select(sum, special, is_minus(x) | is_zero(x) | is_infinite(x) | is_nan(x));
}

// the first twelve bits: products of two such numbers are exact
fn first(x: F) -> F { return bitcast<F>(bits(x) & U(0xfffff000u)); }
// |x|ʸ = 2^(y·log₂|x|), the logarithm to some 36 bits, since y may multiply its error by a hundred
fn power(x: F, exponent: F) -> F {
  let y = clamp(exponent, F(-1e12), F(1e12));
  let at = parts(x);
  let f = at.m - 1.0;
  let s = f / (2.0 + f);
  let s1 = first(s);
  let f1 = first(f);
  let s2 = (((f - 2.0 * s1) - s1 * f1) - s1 * (f - f1)) / (2.0 + f);
  // log₂e = 1.4423828 + 0.00031221
  let main = 2.0 * s1 * 1.44238281;
  let rest = 2.0 * s1 * 0.000312228424 + (2.0 * s2 + log_tail(s)) * 1.44269504;
  let l1 = first(at.e + (main + rest));
  let l2 = rest - ((l1 - at.e) - main);
  let y1 = first(y);
  let p = y1 * l1;
  let q = (y - y1) * l1 + y * l2;
  let n = round(clamp(p + q, F(-160.0), F(140.0)));
  let r = clamp((p - n) + q, F(-1.0), F(1.0));
  let result = times_power(exp_near_zero(r * 0.693147181), I(n));
  return select(select(result, infinity(), (p - 128.0) + q >= F(0.0)), F(0.0), p + q < F(-150.0));
}
fn pow_f(x: F, y: F) -> F {
  let whole = (size_bits(y) >= U(0x3f800000u)) & (floor(abs_f(y)) == abs_f(y));
  let odd = whole & (abs_f(y) < F(16777216.0)) & ((U(min(abs_f(y), F(16777216.0))) & U(1u)) == U(1u));
  let beyond = is_zero(x) | is_infinite(x);
  // of 0 and infinity: one of the two again
  let extreme = select(F(0.0), infinity(), is_zero(x) == is_minus(y));
  // to infinity: by whether |x| is above 1, never at 1
  let one = U(0x3f800000u);
  let grows = (size_bits(x) > one) != is_minus(y);
  let endless = select(select(F(0.0), infinity(), grows), nan(), size_bits(x) == one);
  let size = select(select(power(x, y), extreme, beyond), endless, is_infinite(y));
  let signed = select(size, neg_f(size), is_minus(x) & odd);
  let real = select(signed, nan(), is_minus(x) & !beyond & !whole & !is_infinite(y));
  return select(select(real, nan(), either_nan(x, y)), F(1.0), is_zero(y));
}

fn tanh_f(x: F) -> F {
  let a = abs_f(x);
  let z = a * a;
  // fitted to tanh at Chebyshev's points
  let small = x + x * z * (-0.333333289 + z * (0.133327697 + z * (-0.0538509096 + z * (0.020997179 + z * -0.00609671416))));
  let large = select(1.0 - 2.0 / (exp_f(2.0 * min(a, F(10.0))) + 1.0), F(1.0), a > F(10.0));
  // below 2⁻¹³ it is x itself, zeros and the smallest numbers too
  let itself = (size_bits(x) < U(0x39000000u)) | is_nan(x);
  return select(select(with_sign(large, x), small, a < F(0.625)), x, itself);
}

fn floor_f(x: F) -> F {
  let below_one = select(F(0.0), F(-1.0), is_minus(x));
  let whole = select(floor(x), below_one, size_bits(x) < U(0x3f800000u));
  // from 2²³ on every number is whole
  return select(whole, x, is_zero(x) | (size_bits(x) >= U(0x4b000000u)));
}
fn round_f(x: F) -> F { return select(with_sign(round(x), x), x, size_bits(x) >= U(0x4b000000u)); }
fn sigmoid_f(x: F) -> F {
  let e = exp_f(-abs_f(x));
  return select(select(F(1.0), e, is_minus(x)) / (1.0 + e), x, is_nan(x));
}
fn erf_f(x: F) -> F {
  let a = abs_f(x);
  let z = a * a;
  // below 2⁻¹² a factor alone, whose tail could be too small for a number
  let near = select(x + x * ${polynomial(nearZero, 'z')}, x * 1.12837917, size_bits(x) < U(0x39800000u));
  let c = min(a, F(4.0));
  let far = select(1.0 - exp_f(-${polynomial(farFromZero, 'c')}), F(1.0), a > F(4.0));
  return select(select(with_sign(far, x), near, a < F(1.0)), x, is_zero(x) | is_nan(x));
}
`

const declared = declarationsOf(`${body}${waves}`, /^(?:fn|struct) (\w+)/)

/**
 * A kernel with the functions that it calls, and with no other: a device reads all that a text has. The kernel defines
 * `fn bits_of_infinity() -> u32`, from a buffer.
 *
 * `exp`, `log`, `pow`, `tanh`, `sin` and `cos` of the language are loose (`tanh` overflows, `pow` takes no negative
 * base, a logarithm near 1 has but an absolute bound, and so has a sine, between −π and π), so they are built from exact
 * steps here.
 */
export const withFunctions = (width: Width, kernel: string): string =>
  `${types(width)}\n${called(kernel, declared)}${kernel}`

/** How WGSL writes a statement. */
export const declaration = ({ name, type, text }: Statement): string => `let ${name}: ${type} = ${text};`

/** How WGSL chooses one of two numbers. */
export const choose: Choose = (test, then, otherwise) => `select(${otherwise}, ${then}, ${test})`
