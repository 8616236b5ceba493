/**
 * Reductions as code: what a turn adds, how turns are added up, and what comes of all.
 *
 * Sums are those of float64, nearly: the vectors of one turn are added in float32, pair by pair, which is off by less
 * than two units in float32's last place of the turn's sum of magnitudes, and turns in float64. Of a norm it is the
 * squares that are summed. Where that loses numbers, it is done again: a sum all in float64, and a norm's of elements
 * times a power of two.
 */
import { float32Squares } from '../squares.js'
import { type Code, constant, lane, local, type Mnemonic, op, swapHalves } from './assembler.js'
import type { Accumulators, Variables } from './variables.js'
import { scalar, type Width } from './width.js'

/** Whether the elements are gone through for the first time, or once more. */
export type Time = 'first' | 'again'

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

/**
 * Takes what is on the stack for a reduction. A sum's vectors of one turn are kept to be added among themselves
 * first.
 */
export const accumulate = (
  width: Width,
  { reduce, vectors, rest, power }: Accumulators,
  turn: number,
  kept: number,
  time: Time,
): Code => {
  if (reduce.kind === 'max') {
    const into = width === scalar ? rest : (vectors[turn % vectors.length] ?? 0)
    return [...local.get(into), ...op(width.ops.max), ...local.set(into)]
  }
  const scaled =
    time === 'first'
      ? []
      : [...local.get(power), ...(width === scalar ? [] : op('f32x4.splat')), ...op(width.ops.mul)]
  return [
    ...(reduce.kind === 'norm'
      ? [...scaled, ...local.tee(kept), ...local.get(kept), ...op(width.ops.mul)]
      : []),
    ...(width === scalar
      ? [...op('f64.promote_f32'), ...local.get(rest), ...op('f64.add'), ...local.set(rest)]
      : local.set(kept)),
  ]
}

/** Where a reduction keeps the vector of a turn. */
export const keptAt = (vars: Variables, width: Width, { reduce }: Accumulators, turn: number): number =>
  vars.values[width.type](reduce, `turn ${turn}`)

/** Adds what the turns have kept. */
export const addKept = (vars: Variables, width: Width, turnCount: number): Code =>
  vars.accumulators.flatMap((each) => {
    if (width === scalar || each.reduce.kind === 'max') return []
    const kept = Array.from({ length: turnCount }, (_, turn) => keptAt(vars, width, each, turn))
    const [first = 0] = kept
    return turnCount === 1
      ? addVector(each, first)
      : [...pairwise(kept), ...local.set(first), ...addVector(each, first)]
  })

/** Puts together what a reduction's accumulators have. */
export const gather = ({ reduce, vectors, rest }: Accumulators): Code => {
  const [first = 0, ...others] = vectors
  const all = (mnemonic: Mnemonic): Code => [
    ...local.get(first),
    ...others.flatMap((each) => [...local.get(each), ...op(mnemonic)]),
    ...local.set(first),
  ]
  const lanes = (extract: (index: number) => Code, count: number, mnemonic: Mnemonic): Code =>
    Array.from({ length: count }, (_, i) => [...local.get(first), ...extract(i), ...op(mnemonic)]).flat()
  const isSum = reduce.kind !== 'max'
  return [
    ...all(isSum ? 'f64x2.add' : 'f32x4.max'),
    ...local.get(rest),
    ...(isSum
      ? lanes(lane['f64x2.extract_lane'], 2, 'f64.add')
      : lanes(lane['f32x4.extract_lane'], 4, 'f32.max')),
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
export const anyLost = (sums: readonly Accumulators[]): Code =>
  sums.flatMap((each, i) => [
    ...local.get(each.rest),
    ...local.set(each.before),
    ...isLost(each),
    ...(i > 0 ? op('i32.or') : []),
  ])

/** By what the elements of a norm are to be multiplied the second time. */
export const choosePower = ({ reduce, before, power }: Accumulators): Code =>
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
export const replaceLost = (each: Accumulators): Code => {
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
