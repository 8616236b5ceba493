/**
 * Sums in turns, of float32: fast, in an order of their own, each entry of the table for itself.
 *
 * Sums are those of float64, nearly: the vectors of one turn are added in float32, pair by pair, which is off by less
 * than two units in float32's last place of the turn's sum of magnitudes, and turns in float64. Of a norm it is the
 * squares that are summed. Where that loses numbers, it is done again: a sum all in float64, and a norm's of elements
 * times a power of two.
 */
import { float32Squares } from '../squares.js'
import { type Code, constant, lane, local, type Mnemonic, op, swapHalves } from './assembler.js'
import { type Reducing, reducing, type Sums, type Time } from './reductions.js'
import type { Accumulators } from './variables.js'
import type { Width, Widths } from './width.js'

/** Adds the vector in a local variable to a sum, in float64. */
const addVector = ({ vectors }: Accumulators, kept: number): Code => {
  const [low = 0, high = 0] = vectors
  const add = (half: Code, into: number): Code => [
    ...half,
    ...op('f64x2.promote_low_f32x4'),
    ...local.get(into),
    ...op('f64x2.add'),
    ...local.set(into),
  ]
  const swapped = [...local.get(kept), ...local.get(kept), ...swapHalves]
  return [...add(local.get(kept), low), ...add(swapped, high)]
}

/** The sum of vectors in local variables, pair by pair, in float32. */
const pairwise = (vectors: readonly number[]): Code => {
  if (vectors.length === 1) return local.get(vectors[0] ?? 0)
  const half = vectors.length / 2
  return [...pairwise(vectors.slice(0, half)), ...pairwise(vectors.slice(half)), ...op('f32x4.add')]
}

/** Takes what is on the stack. A sum's vectors of one turn are kept to be added among themselves first. */
const accumulate = (width: Width, { reduce, rest, power }: Accumulators, kept: number, time: Time): Code => {
  const isOne = width.elements === 1
  const scaled = time === 'first' ? [] : [...local.get(power), ...width.splat, width.ops.mul]
  return [
    ...(reduce.kind === 'norm' ? [...scaled, ...local.tee(kept), ...local.get(kept), width.ops.mul] : []),
    ...(isOne
      ? [...op('f64.promote_f32'), ...local.get(rest), ...op('f64.add'), ...local.set(rest)]
      : local.set(kept)),
  ]
}

/** Adds what the turns have kept. */
const addKept = (width: Width, each: Accumulators, kept: readonly number[]): Code => {
  const [first = 0] = kept
  return width.elements === 1
    ? []
    : kept.length === 1
      ? addVector(each, first)
      : [...pairwise(kept), ...local.set(first), ...addVector(each, first)]
}

/** Adds up what the accumulators have. */
const gather = ({ vectors, rest }: Accumulators): Code => {
  const [first = 0, ...others] = vectors
  return [
    ...local.get(first),
    ...others.flatMap((each) => [...local.get(each), ...op('f64x2.add')]),
    ...local.set(first),
    ...local.get(rest),
    ...[0, 1].flatMap((i) => [...local.get(first), lane('f64x2.extract_lane', i), ...op('f64.add')]),
    ...local.set(rest),
  ]
}

/** Whether a sum has left the finite numbers, or a norm's squares those that are exact enough. */
const isLost = ({ reduce, before }: Accumulators): Code =>
  reduce.kind === 'norm'
    ? [
        ...compareWith('f64.lt', float32Squares.least, before),
        ...compareWith('f64.gt', float32Squares.most, before),
        ...op('i32.or'),
      ]
    : [...local.get(before), ...local.get(before), ...op('f64.sub'), ...constant.f64(0), ...op('f64.ne')]

const compareWith = (mnemonic: Mnemonic, bound: number, index: number): Code => [
  ...local.get(index),
  ...constant.f64(bound),
  ...op(mnemonic),
]

/** Whether any of some sums has lost numbers; of none, none has. */
const anyLost = (sums: readonly Accumulators[]): Code =>
  sums.flatMap((each, i) => [
    ...local.get(each.rest),
    ...local.set(each.before),
    ...isLost(each),
    ...(i > 0 ? op('i32.or') : []),
  ])

/** By what the elements of a norm are to be multiplied the second time. */
const choosePower = ({ reduce, before, power }: Accumulators): Code =>
  reduce.kind !== 'norm'
    ? []
    : [
        ...constant.f32(1 / float32Squares.power),
        ...constant.f32(float32Squares.power),
        ...constant.f32(1),
        ...compareWith('f64.lt', float32Squares.least, before),
        ...op('select'),
        ...compareWith('f64.gt', float32Squares.most, before),
        ...op('select'),
        ...local.set(power),
      ]

/** Puts the sum of the second time in the place of one that had lost numbers. */
const replaceLost = (each: Accumulators): Code => {
  const { reduce, before, power, rest } = each
  const divided = [...local.get(power), ...op('f64.promote_f32'), ...op('f64.div')]
  return [
    ...local.get(rest),
    ...(reduce.kind === 'norm' ? [...divided, ...divided] : []),
    ...local.get(before),
    ...isLost(each),
    ...op('select'),
    ...local.set(rest),
  ]
}

const sums: Sums = {
  cell: 8,
  start: ({ reduce }) => (reduce.kind === 'max' ? constant.f32(Number.NEGATIVE_INFINITY) : constant.f64(0)),
  accumulate,
  addKept,
  gather,
  again: { anyLost, choosePower, replaceLost },
}

/** Sums in turns, of elements in float32. */
export const inTurns = (widths: Widths): Reducing => reducing(sums, widths)
