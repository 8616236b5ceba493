/**
 * Sine and cosine as WGSL, of every number: an argument is brought to the nearest quarter of a turn in whole numbers, by
 * as many bits of 2/π as its exponent asks for.
 *
 * Source: Payne and Hanek, "Radian reduction for trigonometric functions", 1983.
 */
import { twoOverPi } from '../twoOverPi.js'

/** The word of 2/π that is `offset` words after the one that `q` says. */
const word = (offset: number): string =>
  twoOverPi
    .slice(offset, offset + 5)
    .reduceRight(
      (later, each, at) => (later === '' ? `U(${each}u)` : `select(${later}, U(${each}u), q == U(${at}u))`),
      '',
    )

/** The functions; they call those that look at bits. */
export const waves: string = `
fn high_product(x: U, y: U) -> U {
  let low = (x & U(0xffffu)) * (y & U(0xffffu));
  let a = (x & U(0xffffu)) * (y >> U(16u));
  let b = (x >> U(16u)) * (y & U(0xffffu));
  let middle = (low >> U(16u)) + (a & U(0xffffu)) + (b & U(0xffffu));
  return (x >> U(16u)) * (y >> U(16u)) + (a >> U(16u)) + (b >> U(16u)) + (middle >> U(16u));
}
fn joined(x: U, y: U, shift: U) -> U { return (x << shift) | ((y >> U(1u)) >> (U(31u) - shift)); }

// |x| as so many quarters of a turn, and the rest r with |r| ≤ π/4
struct Quarters { count: U, r: F }
fn quarters(x: F) -> Quarters {
  let size = size_bits(x);
  // what is left of turns is in 96 bits from here on
  let from_bit = max(size >> U(23u), U(126u)) - U(126u);
  let q = from_bit >> U(5u);
  let shift = from_bit & U(31u);
  let word0 = ${word(0)};
  let word1 = ${word(1)};
  let word2 = ${word(2)};
  let word3 = ${word(3)};
  let m = (size & U(0x007fffffu)) | U(0x00800000u);
  let middle = joined(word1, word2, shift);
  let low = m * middle + high_product(m, joined(word2, word3, shift));
  let carry = select(U(0u), U(1u), low < m * middle);
  let high = m * joined(word0, word1, shift) + high_product(m, middle) + carry;
  let count = (high + U(0x20000000u)) >> U(30u);
  let rest = high - (count << U(30u));
  let below = rest >= U(0x80000000u);
  let rest_low = select(low, U(0u) - low, below);
  let rest_high = select(rest, ~rest + select(U(0u), U(1u), low == U(0u)), below);
  // the first 32 bits that are not zero
  let short = rest_high == U(0u);
  let first_word = select(rest_high, rest_low, short);
  let zeros = countLeadingZeros(first_word);
  let turn = joined(first_word, select(rest_low, U(0u), short), zeros & U(31u));
  // 2π = 6.28125 + 0.0019353072, the first so short that its product is exact
  let a = F(turn >> U(16u));
  let angle = a * 6.28125 + (a * 0.00193530718 + F(turn & U(0xffffu)) * 9.58738019e-5);
  let exponent = U(111u) - zeros - select(U(0u), U(32u), short);
  let reduced = angle * bitcast<F>(exponent << U(23u));
  let small = size < U(0x3f000000u);
  return Quarters(select(count, U(0u), small), select(select(reduced, -reduced, below), abs_f(x), small));
}

// the sine of x plus so many quarters of a turn, by the series of r
fn wave(at: Quarters, more: U) -> F {
  let z = at.r * at.r;
  let sine = at.r + at.r * z * (-0.166666667 + z * (0.00833333333 + z * (-0.000198412698 + z * 2.75573192e-6)));
  let tail = 0.0416666667 + z * (-0.00138888889 + z * (2.48015873e-5 + z * -2.75573192e-7));
  let cosine = 1.0 - (0.5 * z - z * z * tail);
  let count = at.count + more;
  let size = select(sine, cosine, (count & U(1u)) == U(1u));
  return select(size, -size, (count & U(2u)) == U(2u));
}
fn sin_f(x: F) -> F {
  let value = wave(quarters(x), U(0u));
  // below 2⁻¹² it is x itself
  let itself = (size_bits(x) < U(0x39800000u)) | is_nan(x);
  return select(select(select(value, -value, is_minus(x)), nan(), is_infinite(x)), x, itself);
}
fn cos_f(x: F) -> F {
  return select(select(wave(quarters(x), U(1u)), nan(), is_infinite(x)), x, is_nan(x));
}
`
