/**
 * What all schedules between two values share: $v = E + (I - E) w$, where the weight $w$ falls from 1 to 0.
 *
 * A schedule is then told by its weight: $(1 - x)^P$ is the polynomial one, $\frac{1}{2}(1 + \cos \pi x)$ the
 * cosine, $x \in [0, 1]$ being the part of the way that is done.
 */
import { constant, select, type Term } from '../rule/term.js'

/** A number of the host, which is known or depends on the count. */
export type Value = Term<'host'>

/** `to`, and `weight` of the way back to `from`: exactly `from` at 1, where the formula would round. */
export const interpolate = (from: number, to: number, weight: Value): Value =>
  select(
    weight.eq(1),
    from,
    constant(from - to)
      .mul(weight)
      .add(to),
  )

/** The cosine weight: 1 at 0, ½ at ½, 0 at 1, flat at both ends. */
export const cosineWeight = (x: Value): Value =>
  constant(0.5).mul(constant(1).add(constant(Math.PI).mul(x).cos()))

/** The linear weight: 1 at 0, 0 at 1. */
export const linearWeight = (x: Value): Value => constant(1).sub(x)

/** A power; the first one is the base itself. */
export const power = (base: Value, exponent: number): Value => (exponent === 1 ? base : base.pow(exponent))

/** The updates since a count; since 0, all of them. */
export const since = (count: Value, begin: number): Value => (begin === 0 ? count : count.sub(begin))

/** What holds from a count on. */
export interface Piece {
  readonly from: number
  readonly value: Value
}

/**
 * The value of the last piece that has begun; `first` where none has. By halves, so that the term of a thousand pieces is
 * ten choices deep.
 */
export const latest = (count: Value, first: Value, pieces: readonly Piece[]): Value => {
  if (pieces.length === 0) return first
  const half = pieces.length >> 1
  const later = pieces.slice(half)
  const [begun = { from: 0, value: first }] = later
  // the earliest of those that come later, whatever their order
  const from = later.reduce((least, piece) => Math.min(least, piece.from), Number.POSITIVE_INFINITY)
  return select(
    count.ge(from),
    latest(count, begun.value, later.slice(1)),
    latest(count, first, pieces.slice(0, half)),
  )
}
