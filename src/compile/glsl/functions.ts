/**
 * The operators as GLSL ES 3.00, with the special values that JavaScript has: what `../wgsl/functions.ts` says, in the
 * language of WebGL.
 *
 * A compiler of GLSL may assume that no number is NaN or infinite, so what is special is told by bits, which it may not
 * assume anything about; and no constant is infinite, so those come from a uniform. Numbers below 2⁻¹²⁶ may be taken
 * for zero, as the language allows; all that only looks or chooses keeps them where the device does.
 *
 * Numbers are chosen by `mix`, not by branches: what branches may take a compiler seconds.
 */

import { called, declarationsOf } from '../called.js'
import { farFromZero, nearZero } from '../erfSingle.js'
import type { Choose } from '../statements.js'
import { twoOverPi } from '../twoOverPi.js'

const head = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp isampler2D;
uniform uint bits_of_infinity;
`

/** The bits of infinity, of which a shader learns from a uniform. */
export const INFINITY_BITS = 0x7f800000

const number = (x: number): string => (Number.isInteger(x) ? `${x}.0` : `${x}`)

const polynomial = (coefficients: readonly number[], x: string): string =>
  coefficients.reduceRight(
    (rest, each) => (rest === '' ? number(each) : `(${number(each)} + ${x} * ${rest})`),
    '',
  )

/** The word of 2/π that is `offset` words after the one that `q` says. */
const word = (offset: number): string =>
  twoOverPi
    .slice(offset, offset + 5)
    .reduceRight((later, each, at) => (later === '' ? `${each}u` : `(q == ${at}u ? ${each}u : ${later})`), '')

const body = `
uint bits(float x) { return floatBitsToUint(x); }
uint size_bits(float x) { return floatBitsToUint(x) & 0x7fffffffu; }
bool is_nan(float x) { return size_bits(x) > 0x7f800000u; }
bool is_zero(float x) { return size_bits(x) == 0u; }
bool is_infinite(float x) { return size_bits(x) == 0x7f800000u; }
bool is_minus(float x) { return bits(x) >= 0x80000000u; }
bool either_nan(float x, float y) { return is_nan(x) || is_nan(y); }
float infinity() { return uintBitsToFloat(bits_of_infinity); }
float minus_infinity() { return uintBitsToFloat(bits_of_infinity | 0x80000000u); }
float nan() { return uintBitsToFloat(bits_of_infinity | 0x00400000u); }

float neg_f(float x) { return uintBitsToFloat(bits(x) ^ 0x80000000u); }
float abs_f(float x) { return uintBitsToFloat(size_bits(x)); }
float with_sign(float x, float s) { return uintBitsToFloat(size_bits(x) | (bits(s) & 0x80000000u)); }
float sign_f(float x) { return mix(with_sign(1.0, x), x, is_zero(x) || is_nan(x)); }
float sqrt_f(float x) {
  bool itself = is_zero(x) || bits(x) == 0x7f800000u || is_nan(x);
  return mix(mix(sqrt(abs_f(x)), nan(), is_minus(x)), x, itself);
}

// whole numbers in the order of numbers: of places, −0 just below 0; of values, both zeros the same
int place(float x) { return floatBitsToInt(x) ^ ((floatBitsToInt(x) >> 31) & 0x7fffffff); }
int value(float x) { return is_minus(x) ? -int(size_bits(x)) : floatBitsToInt(x); }

float min_f(float x, float y) { return mix(mix(y, x, place(x) < place(y)), nan(), either_nan(x, y)); }
float max_f(float x, float y) { return mix(mix(y, x, place(x) > place(y)), nan(), either_nan(x, y)); }
bool lt_f(float x, float y) { return !either_nan(x, y) && value(x) < value(y); }
bool le_f(float x, float y) { return !either_nan(x, y) && value(x) <= value(y); }
bool eq_f(float x, float y) { return !either_nan(x, y) && value(x) == value(y); }
bool ne_f(float x, float y) { return !eq_f(x, y); }

// to the nearest whole number, of two the even one: of numbers below 2²²
float nearest(float x) { return roundEven(x); }
// x·2ⁿ in two steps, since one power of two may lie beyond the numbers
float times_power(float x, int n) {
  int h = n >> 1;
  return x * intBitsToFloat((h + 127) << 23) * intBitsToFloat((n - h + 127) << 23);
}
// eʳ for |r| ≤ ln 2 / 2, by its series
float exp_near_zero(float r) {
  float tail = 0.00833333333 + r * (0.00138888889 + r * 0.000198412698);
  return 1.0 + r * (1.0 + r * (0.5 + r * (0.166666667 + r * (0.0416666667 + r * tail))));
}
float exp_f(float x) {
  float near = clamp(mix(x, 0.0, is_nan(x)), -104.0, 89.0);
  float n = nearest(near * 1.44269504);
  // ln 2 in two parts, the first so short that its product is exact
  float power = times_power(exp_near_zero((near - n * 0.693145752) - n * 1.42860677e-6), int(n));
  return mix(mix(mix(power, 0.0, x < -104.0), infinity(), x > 88.7229), x, is_nan(x));
}

// |x| = m·2ᵉ with √½ ≤ m < √2, also below 2⁻¹²⁶
struct Parts { float m; float e; };
Parts parts(float x) {
  bool subnormal = size_bits(x) < 0x00800000u;
  int whole = floatBitsToInt(mix(abs_f(x), float(size_bits(x)), subnormal));
  int e = (whole - 0x3f3504f3) >> 23;
  return Parts(intBitsToFloat(whole - (e << 23)), float(e) - mix(0.0, 149.0, subnormal));
}
// ln((1 + s) / (1 − s)) − 2s
float log_tail(float s) {
  float z = s * s;
  return s * z * (0.666666667 + z * (0.4 + z * (0.285714286 + z * (0.222222222 + z * 0.181818182))));
}
float log_f(float x) {
  Parts at = parts(x);
  float f = at.m - 1.0;
  float s = f / (2.0 + f);
  float sum = at.e * 0.693145752 + (f - s * f + log_tail(s) + at.e * 1.42860677e-6);
  float special = mix(mix(x, nan(), is_minus(x)), minus_infinity(), is_zero(x));
  return mix(sum, mix(special, x, is_nan(x)), is_minus(x) || is_zero(x) || is_infinite(x) || is_nan(x));
}

// the first twelve bits: products of two such numbers are exact
float first(float x) { return uintBitsToFloat(bits(x) & 0xfffff000u); }
// |x|ʸ = 2^(y·log₂|x|), the logarithm to some 36 bits, since y may multiply its error by a hundred
float power(float x, float exponent) {
  float y = clamp(mix(exponent, 0.0, is_nan(exponent)), -1e12, 1e12);
  Parts at = parts(x);
  float f = at.m - 1.0;
  float s = f / (2.0 + f);
  float s1 = first(s);
  float f1 = first(f);
  float s2 = (((f - 2.0 * s1) - s1 * f1) - s1 * (f - f1)) / (2.0 + f);
  // log₂e = 1.4423828 + 0.00031221
  float head = 2.0 * s1 * 1.44238281;
  float rest = 2.0 * s1 * 0.000312228424 + (2.0 * s2 + log_tail(s)) * 1.44269504;
  float l1 = first(at.e + (head + rest));
  float l2 = rest - ((l1 - at.e) - head);
  float y1 = first(y);
  float p = y1 * l1;
  float q = (y - y1) * l1 + y * l2;
  float n = nearest(clamp(p + q, -160.0, 140.0));
  float r = clamp((p - n) + q, -1.0, 1.0);
  float result = times_power(exp_near_zero(r * 0.693147181), int(n));
  return mix(mix(result, infinity(), (p - 128.0) + q >= 0.0), 0.0, p + q < -150.0);
}
float pow_f(float x, float y) {
  float a = abs_f(y);
  bool whole = size_bits(y) >= 0x3f800000u && floor(a) == a;
  bool odd = whole && a < 16777216.0 && (uint(min(a, 16777216.0)) & 1u) == 1u;
  bool beyond = is_zero(x) || is_infinite(x);
  // of 0 and infinity: one of the two again
  float extreme = mix(0.0, infinity(), is_zero(x) == is_minus(y));
  // to infinity: by whether |x| is above 1, never at 1
  bool grows = (size_bits(x) > 0x3f800000u) != is_minus(y);
  float endless = mix(mix(0.0, infinity(), grows), nan(), size_bits(x) == 0x3f800000u);
  float size = mix(mix(power(x, y), extreme, beyond), endless, is_infinite(y));
  float signed_size = mix(size, neg_f(size), is_minus(x) && odd);
  float real = mix(signed_size, nan(), is_minus(x) && !beyond && !whole && !is_infinite(y));
  return mix(mix(real, nan(), either_nan(x, y)), 1.0, is_zero(y));
}

float tanh_f(float x) {
  float a = abs_f(x);
  float z = a * a;
  // fitted to tanh at Chebyshev's points
  float small = x + x * z * (-0.333333289 + z * (0.133327697 + z * (-0.0538509096 + z * (0.020997179 + z * -0.00609671416))));
  float large = mix(1.0 - 2.0 / (exp_f(2.0 * min(a, 10.0)) + 1.0), 1.0, a > 10.0);
  // below 2⁻¹³ it is x itself, zeros and the smallest numbers too
  bool itself = size_bits(x) < 0x39000000u || is_nan(x);
  return mix(mix(with_sign(large, x), small, a < 0.625), x, itself);
}

float floor_f(float x) {
  float below_one = mix(0.0, -1.0, is_minus(x));
  float whole = mix(floor(x), below_one, size_bits(x) < 0x3f800000u);
  // from 2²³ on every number is whole
  return mix(whole, x, is_zero(x) || size_bits(x) >= 0x4b000000u);
}
float round_f(float x) { return mix(with_sign(nearest(x), x), x, size_bits(x) >= 0x4b000000u); }
float sigmoid_f(float x) {
  float e = exp_f(-abs_f(x));
  return mix(mix(1.0, e, is_minus(x)) / (1.0 + e), x, is_nan(x));
}
float erf_f(float x) {
  float a = abs_f(x);
  float z = a * a;
  // below 2⁻¹² a factor alone, whose tail could be too small for a number
  float near = mix(x + x * ${polynomial(nearZero, 'z')}, x * 1.12837917, size_bits(x) < 0x39800000u);
  float c = min(a, 4.0);
  float far = mix(1.0 - exp_f(-${polynomial(farFromZero, 'c')}), 1.0, a > 4.0);
  return mix(mix(with_sign(far, x), near, a < 1.0), x, is_zero(x) || is_nan(x));
}
`

/**
 * Sine and cosine of every number: an argument is brought to the nearest quarter of a turn in whole numbers, by as many
 * bits of 2/π as its exponent asks for.
 *
 * Source: Payne and Hanek, "Radian reduction for trigonometric functions", 1983.
 */
const waves = `
uint high_product(uint x, uint y) {
  uint low = (x & 0xffffu) * (y & 0xffffu);
  uint a = (x & 0xffffu) * (y >> 16u);
  uint b = (x >> 16u) * (y & 0xffffu);
  uint middle = (low >> 16u) + (a & 0xffffu) + (b & 0xffffu);
  return (x >> 16u) * (y >> 16u) + (a >> 16u) + (b >> 16u) + (middle >> 16u);
}
uint joined(uint x, uint y, uint shift) { return (x << shift) | ((y >> 1u) >> (31u - shift)); }
uint leading_zeros(uint x) {
  uint n = 0u;
  uint y = x;
  uint s = y < 0x00010000u ? 16u : 0u; n += s; y <<= s;
  s = y < 0x01000000u ? 8u : 0u; n += s; y <<= s;
  s = y < 0x10000000u ? 4u : 0u; n += s; y <<= s;
  s = y < 0x40000000u ? 2u : 0u; n += s; y <<= s;
  s = y < 0x80000000u ? 1u : 0u;
  return x == 0u ? 32u : n + s;
}

// |x| as so many quarters of a turn, and the rest r with |r| ≤ π/4
struct Quarters { uint count; float r; };
Quarters quarters(float x) {
  uint size = size_bits(x);
  // what is left of turns is in 96 bits from here on
  uint from_bit = max(size >> 23u, 126u) - 126u;
  uint q = from_bit >> 5u;
  uint shift = from_bit & 31u;
  uint word0 = ${word(0)};
  uint word1 = ${word(1)};
  uint word2 = ${word(2)};
  uint word3 = ${word(3)};
  uint m = (size & 0x007fffffu) | 0x00800000u;
  uint middle = joined(word1, word2, shift);
  uint low = m * middle + high_product(m, joined(word2, word3, shift));
  uint carry = low < m * middle ? 1u : 0u;
  uint high = m * joined(word0, word1, shift) + high_product(m, middle) + carry;
  uint count = (high + 0x20000000u) >> 30u;
  uint rest = high - (count << 30u);
  bool below = rest >= 0x80000000u;
  uint rest_low = below ? 0u - low : low;
  uint rest_high = below ? ~rest + (low == 0u ? 1u : 0u) : rest;
  // the first 32 bits that are not zero
  bool is_short = rest_high == 0u;
  uint first_word = is_short ? rest_low : rest_high;
  uint zeros = leading_zeros(first_word);
  uint turn = joined(first_word, is_short ? 0u : rest_low, zeros & 31u);
  // 2π = 6.28125 + 0.0019353072, the first so short that its product is exact
  float a = float(turn >> 16u);
  float angle = a * 6.28125 + (a * 0.00193530718 + float(turn & 0xffffu) * 9.58738019e-5);
  uint exponent = 111u - zeros - (is_short ? 32u : 0u);
  float reduced = angle * uintBitsToFloat(exponent << 23u);
  bool is_small = size < 0x3f000000u;
  return Quarters(is_small ? 0u : count, mix(mix(reduced, -reduced, below), abs_f(x), is_small));
}

// the sine of x plus so many quarters of a turn, by the series of r
float wave(Quarters at, uint more) {
  float z = at.r * at.r;
  float sine = at.r + at.r * z * (-0.166666667 + z * (0.00833333333 + z * (-0.000198412698 + z * 2.75573192e-6)));
  float tail = 0.0416666667 + z * (-0.00138888889 + z * (2.48015873e-5 + z * -2.75573192e-7));
  float cosine = 1.0 - (0.5 * z - z * z * tail);
  uint count = at.count + more;
  float size = mix(sine, cosine, (count & 1u) == 1u);
  return mix(size, -size, (count & 2u) == 2u);
}
float sin_f(float x) {
  float y = wave(quarters(x), 0u);
  // below 2⁻¹² it is x itself
  bool itself = size_bits(x) < 0x39800000u || is_nan(x);
  return mix(mix(mix(y, -y, is_minus(x)), nan(), is_infinite(x)), x, itself);
}
float cos_f(float x) {
  return mix(mix(wave(quarters(x), 1u), nan(), is_infinite(x)), x, is_nan(x));
}
`

const declared = declarationsOf(
  `${body}${waves}`,
  /^(?:struct|float|int|uint|bool|Parts|Quarters) (\w+)(?= \{|\()/,
)

/** A shader with the functions that it calls, and with no other. */
export const withFunctions = (shader: string): string => `${head}${called(shader, declared)}${shader}`

/** How GLSL calls the types of values. */
export const types = { F: 'float', B: 'bool' } as const

/** How GLSL chooses one of two numbers. */
export const choose: Choose = (test, then, otherwise) => `mix(${otherwise}, ${then}, ${test})`
