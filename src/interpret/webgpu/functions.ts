/**
 * The operators as WGSL, with the special values that JavaScript has.
 *
 * A compiler of WGSL may assume that no number is NaN or infinite, so what is special is told by bits, which
 * it may not assume anything about; and no constant of the language is infinite, so those come from a buffer.
 * Numbers below 2⁻¹²⁶ may be taken for zero, as the language allows; all
 * that only looks or chooses keeps them: signs, comparisons, `min` and `max`.
 */
import type { BinaryOp, CompareOp, UnaryOp } from '../../rule/expr.js'

/**
 * Functions that every kernel may call; a kernel defines `fn bits_of_infinity() -> u32`, from a buffer.
 *
 * `exp`, `log`, `pow` and `tanh` of the language are loose (`tanh` overflows, `pow` takes no negative base, a
 * logarithm near 1 has but an absolute bound), so they are built from exact steps here.
 */
export const functions = `
fn bits(x: f32) -> u32 { return bitcast<u32>(x); }
fn size_bits(x: f32) -> u32 { return bitcast<u32>(x) & 0x7fffffffu; }
fn is_nan(x: f32) -> bool { return size_bits(x) > 0x7f800000u; }
fn is_infinite(x: f32) -> bool { return size_bits(x) == 0x7f800000u; }
fn infinity() -> f32 { return bitcast<f32>(bits_of_infinity()); }
fn minus_infinity() -> f32 { return bitcast<f32>(bits_of_infinity() | 0x80000000u); }
fn nan() -> f32 { return bitcast<f32>(bits_of_infinity() | 0x00400000u); }

fn neg_f(x: f32) -> f32 { return bitcast<f32>(bits(x) ^ 0x80000000u); }
fn abs_f(x: f32) -> f32 { return bitcast<f32>(size_bits(x)); }
fn sign_f(x: f32) -> f32 {
  let one = bitcast<f32>((bits(x) & 0x80000000u) | 0x3f800000u);
  return select(one, x, (size_bits(x) == 0u) | is_nan(x));
}
fn sqrt_f(x: f32) -> f32 {
  let itself = (size_bits(x) == 0u) | (bits(x) == 0x7f800000u) | is_nan(x);
  let negative = (bits(x) >> 31u) == 1u;
  return select(select(sqrt(abs_f(x)), nan(), negative), x, itself);
}
// whole numbers in the order of numbers: of places, −0 just below 0; of values, both zeros the same
fn place(x: f32) -> i32 { return bitcast<i32>(x) ^ ((bitcast<i32>(x) >> 31u) & 0x7fffffff); }
fn value(x: f32) -> i32 { return select(bitcast<i32>(x), -bitcast<i32>(size_bits(x)), bitcast<i32>(x) < 0); }
fn either_nan(x: f32, y: f32) -> bool { return is_nan(x) | is_nan(y); }

fn min_f(x: f32, y: f32) -> f32 { return select(select(y, x, place(x) < place(y)), nan(), either_nan(x, y)); }
fn max_f(x: f32, y: f32) -> f32 { return select(select(y, x, place(x) > place(y)), nan(), either_nan(x, y)); }
fn lt_f(x: f32, y: f32) -> bool { return !either_nan(x, y) & (value(x) < value(y)); }
fn le_f(x: f32, y: f32) -> bool { return !either_nan(x, y) & (value(x) <= value(y)); }
fn eq_f(x: f32, y: f32) -> bool { return !either_nan(x, y) & (value(x) == value(y)); }
fn ne_f(x: f32, y: f32) -> bool { return !eq_f(x, y); }

// x·2ⁿ in two steps, since one power of two may lie beyond the numbers
fn times_power(x: f32, n: i32) -> f32 {
  let half = n >> 1u;
  return x * bitcast<f32>(u32(half + 127) << 23u) * bitcast<f32>(u32(n - half + 127) << 23u);
}
// eʳ for |r| ≤ ln 2 / 2, by its series
fn exp_near_zero(r: f32) -> f32 {
  let tail = 0.00833333333 + r * (0.00138888889 + r * 0.000198412698);
  return 1.0 + r * (1.0 + r * (0.5 + r * (0.166666667 + r * (0.0416666667 + r * tail))));
}
fn exp_f(x: f32) -> f32 {
  let near = clamp(x, -104.0, 89.0);
  let n = round(near * 1.44269504);
  // ln 2 in two parts, the first so short that its product is exact
  let value = times_power(exp_near_zero((near - n * 0.693145752) - n * 1.42860677e-6), i32(n));
  return select(select(select(value, 0.0, x < -104.0), infinity(), x > 88.7229), x, is_nan(x));
}

// |x| = m·2ᵉ with √½ ≤ m < √2, also below 2⁻¹²⁶
struct Parts { m: f32, e: f32 }
fn parts(x: f32) -> Parts {
  let subnormal = size_bits(x) < 0x00800000u;
  let whole = bits(select(abs_f(x), f32(size_bits(x)), subnormal));
  let e = (bitcast<i32>(whole) - 0x3f3504f3) >> 23u;
  return Parts(bitcast<f32>(bitcast<i32>(whole) - (e << 23u)), f32(e) - select(0.0, 149.0, subnormal));
}
// ln((1 + s) / (1 − s)) − 2s
fn log_tail(s: f32) -> f32 {
  let z = s * s;
  return s * z * (0.666666667 + z * (0.4 + z * (0.285714286 + z * (0.222222222 + z * 0.181818182))));
}
fn log_f(x: f32) -> f32 {
  let at = parts(x);
  let f = at.m - 1.0;
  let s = f / (2.0 + f);
  let value = at.e * 0.693145752 + (f - s * f + log_tail(s) + at.e * 1.42860677e-6);
  let negative = (bits(x) >> 31u) == 1u;
  let special = select(select(x, nan(), negative), minus_infinity(), size_bits(x) == 0u);
  return select(value, special, negative | (size_bits(x) == 0u) | (size_bits(x) >= 0x7f800000u));
}

// the first twelve bits: products of two such numbers are exact
fn first(x: f32) -> f32 { return bitcast<f32>(bits(x) & 0xfffff000u); }
// |x|ʸ = 2^(y·log₂|x|), the logarithm to some 36 bits, since y may multiply its error by a hundred
fn power(x: f32, exponent: f32) -> f32 {
  let y = clamp(exponent, -1e12, 1e12);
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
  let n = round(clamp(p + q, -160.0, 140.0));
  let value = times_power(exp_near_zero(clamp((p - n) + q, -1.0, 1.0) * 0.693147181), i32(n));
  return select(select(value, infinity(), (p - 128.0) + q >= 0.0), 0.0, p + q < -150.0);
}
fn pow_f(x: f32, y: f32) -> f32 {
  let whole = (size_bits(y) >= 0x3f800000u) & (floor(abs_f(y)) == abs_f(y));
  let odd = whole & (abs_f(y) < 16777216.0) & ((u32(min(abs_f(y), 16777216.0)) & 1u) == 1u);
  let negative = (bits(x) >> 31u) == 1u;
  let positive_y = (bits(y) >> 31u) == 0u;
  let beyond = (size_bits(x) == 0u) | (size_bits(x) == 0x7f800000u);
  // of 0 and infinity: one of the two again
  let extreme = select(0.0, infinity(), (size_bits(x) == 0u) != positive_y);
  // to infinity: by whether |x| is above 1, never at 1
  let one = 0x3f800000u;
  let endless = select(select(0.0, infinity(), (size_bits(x) > one) == positive_y), nan(), size_bits(x) == one);
  let size = select(select(power(x, y), extreme, beyond), endless, is_infinite(y));
  let signed = select(size, neg_f(size), negative & odd);
  let real = select(signed, nan(), negative & !beyond & !whole & !is_infinite(y));
  return select(select(real, nan(), is_nan(x) | is_nan(y)), 1.0, size_bits(y) == 0u);
}

fn tanh_f(x: f32) -> f32 {
  let a = abs_f(x);
  let z = a * a;
  let small = x + x * z * (-0.333333289 + z * (0.133327697 + z * (-0.0538509096 + z * (0.020997179 + z * -0.00609671416))));
  let large = select(1.0 - 2.0 / (exp_f(2.0 * min(a, 10.0)) + 1.0), 1.0, a > 10.0);
  let sign = bits(x) & 0x80000000u;
  // below 2⁻¹³ it is x itself, zeros and the smallest numbers too
  let itself = (size_bits(x) < 0x39000000u) | is_nan(x);
  return select(select(bitcast<f32>(bits(large) | sign), small, a < 0.625), x, itself);
}
`

/** How a function of one argument is called. */
export const unary: Readonly<Record<UnaryOp, (x: string) => string>> = {
  neg: (x) => `neg_f(${x})`,
  abs: (x) => `abs_f(${x})`,
  sqrt: (x) => `sqrt_f(${x})`,
  sign: (x) => `sign_f(${x})`,
  exp: (x) => `exp_f(${x})`,
  log: (x) => `log_f(${x})`,
  tanh: (x) => `tanh_f(${x})`,
}

/** How a function of two arguments is called. */
export const binary: Readonly<Record<BinaryOp, (x: string, y: string) => string>> = {
  add: (x, y) => `${x} + ${y}`,
  sub: (x, y) => `${x} - ${y}`,
  mul: (x, y) => `${x} * ${y}`,
  div: (x, y) => `${x} / ${y}`,
  pow: (x, y) => `pow_f(${x}, ${y})`,
  min: (x, y) => `min_f(${x}, ${y})`,
  max: (x, y) => `max_f(${x}, ${y})`,
}

/** How a comparison is called. */
export const compare: Readonly<Record<CompareOp, (x: string, y: string) => string>> = {
  lt: (x, y) => `lt_f(${x}, ${y})`,
  le: (x, y) => `le_f(${x}, ${y})`,
  eq: (x, y) => `eq_f(${x}, ${y})`,
  ne: (x, y) => `ne_f(${x}, ${y})`,
}
