/**
 * A stage of reductions: the leaves' shares by kernels, and what they add up to.
 *
 * Shares of a tree's sum are added leaf by leaf, in the order of the leaves. Where a sum of squares in float64 has lost
 * numbers, its leaves are gone through once more, multiplied by a power of two; so are those of float32 whose kernels
 * leave that to us.
 */
import { float32Squares, float64Squares, powerFor, root32, square32 } from '../../compile/squares.js'
import type { ReduceKind } from '../../rule/expr.js'
import type { Binding, BoundStage, Group } from './bind.js'
import { computeNumbers, type Run } from './machine.js'

/** What adding a number so many times, one after the other, comes to. */
const addedUp = (value: number, times: number): number => {
  if (Number.isInteger(value) && Math.abs(value) * times <= Number.MAX_SAFE_INTEGER) return 0 + times * value
  let sum = 0
  for (let i = 0; i < times; i++) sum += value
  return sum
}

/** A leaf's share, where all its elements are the same number. */
const shareOfNumber = (
  kind: ReduceKind,
  value: number,
  size: number,
  power: number,
  isSingle: boolean,
): number => {
  if (size === 0) return kind === 'max' ? Number.NEGATIVE_INFINITY : 0
  if (kind === 'max') return value
  // a sum begins at 0, so that one of negative zeros alone is 0; those of float32 are exact in float64
  if (isSingle) return 0 + size * (kind === 'sum' ? value : square32(value))
  const scaled = value * power
  return addedUp(kind === 'sum' ? value : scaled * scaled, size)
}

/** Sets the powers of those norms that have lost numbers; whether there are any. */
const choosePowers = <L>(
  { reductions, powers, shares }: BoundStage<L>,
  count: number,
  powerOf: (k: number, share: number) => number,
): boolean => {
  let some = false
  for (let k = 0; k < count; k++)
    if (reductions[k]?.kind === 'norm')
      for (let at = k; at < shares.length; at += reductions.length) {
        const power = powerOf(k, shares[at] as number)
        powers[at] = power
        some ||= power !== 1
      }
  return some
}

/** Has every leaf's shares written. */
const share = <L>(run: Run<L>, group: Group<L>, bound: BoundStage<L>): void => {
  const { phase, kernel, reductions, shares, powers } = bound
  const isSingle = group.precision === 'float32'
  const first = phase.loop.reductions.length
  computeNumbers(run, group, bound, (row, numbers, firstNumber) => {
    for (let i = 0; i < phase.ofNumbers.length; i++) {
      const at = row * reductions.length + first + i
      const kind = phase.ofNumbers[i]?.kind ?? 'sum'
      const size = group.sizes[row] as number
      shares[at] = shareOfNumber(
        kind,
        numbers[firstNumber + i] as number,
        size,
        powers[at] as number,
        isSingle,
      )
    }
  })
  if (kernel !== null) run.machine.reduce(group, bound)
}

/** The same of float32, which has a sum of squares whatever they are. */
const shareSingle = <L>(run: Run<L>, group: Group<L>, bound: BoundStage<L>): void => {
  share(run, group, bound)
  const { phase, reductions, shares, powers } = bound
  const count = phase.loop.reductions.length
  if (run.machine.sums === 'in turns') return
  if (!choosePowers(bound, count, (_, squares) => powerFor(squares, float32Squares))) return
  run.machine.reduce(group, bound)
  for (let k = 0; k < count; k++)
    for (let at = k; at < shares.length; at += reductions.length) {
      const power = powers[at] as number
      shares[at] = (shares[at] as number) / power / power
    }
  powers.fill(1)
}

/** What the shares of a stage's sites add up to. */
const addUp = <L>(
  { order, sites }: Binding<L>,
  stage: number,
  powers: readonly number[],
): readonly number[] => {
  const kinds = sites[stage] ?? []
  const totals = kinds.map(({ kind }) => (kind === 'max' ? Number.NEGATIVE_INFINITY : 0))
  if (totals.length === 0) return totals
  for (const { group, row } of order) {
    const bound = group.stages[stage]
    if (bound === undefined) continue
    const { reductions, sites: own, shares } = bound
    for (let k = 0; k < own.length; k++) {
      const site = own[k] as number
      if (site < 0) continue
      const power = group.precision === 'float32' ? (powers[site] as number) : 1
      const value = (shares[row * reductions.length + k] as number) * power * power
      const before = totals[site] as number
      totals[site] = kinds[site]?.kind === 'max' ? Math.max(before, value) : before + value
    }
  }
  return totals
}

/** Keeps the values of reductions over a leaf. */
const record = <L>({ passes, precision, reduced, leaves }: Group<L>, bound: BoundStage<L>): void => {
  const { reductions, shares, powers } = bound
  for (let k = 0; k < reductions.length; k++) {
    const reduce = reductions[k]
    if (reduce === undefined || reduce.over === 'tree') continue
    const column = passes.reductions.indexOf(reduce)
    for (let row = 0; row < leaves.length; row++) {
      const at = row * reductions.length + k
      const value = shares[at] as number
      const whole =
        precision === 'float32'
          ? reduce.kind === 'norm'
            ? root32(value)
            : Math.fround(value)
          : reduce.kind === 'norm'
            ? Math.sqrt(value) / (powers[at] as number)
            : value
      reduced[row * passes.reductions.length + column] = whole
    }
  }
}

/** Runs a stage of reductions over all leaves. */
export const reduceStage = <L>(run: Run<L>, binding: Binding<L>, stage: number): void => {
  const sites = binding.sites[stage] ?? []
  let powers = sites.map(() => 1)
  for (const group of binding.groups) {
    const bound = group.stages[stage]
    if (bound !== undefined) (group.precision === 'float32' ? shareSingle : share)(run, group, bound)
  }
  let totals = addUp(binding, stage, powers)
  const doubles = binding.groups.filter(({ precision }) => precision === 'float64')
  if (doubles.length > 0) {
    powers = sites.map(({ kind, isSingle }, i) =>
      kind === 'norm' && !isSingle ? powerFor(totals[i] ?? 0, float64Squares) : 1,
    )
    let some = false
    for (const group of doubles) {
      const bound = group.stages[stage]
      if (bound === undefined) continue
      const lost = choosePowers(bound, bound.reductions.length, (k, squares) => {
        const site = bound.sites[k] ?? -1
        return site < 0 ? powerFor(squares, float64Squares) : (powers[site] ?? 1)
      })
      if (lost) share(run, group, bound)
      some ||= lost
    }
    if (some) totals = addUp(binding, stage, powers)
  }
  for (const [i, { name, kind, isSingle }] of sites.entries()) {
    const total = totals[i] ?? Number.NaN
    const whole = kind !== 'norm' ? total : isSingle ? root32(total) : Math.sqrt(total) / (powers[i] ?? 1)
    run.sites.set(name, whole)
  }
  for (const group of binding.groups) {
    const bound = group.stages[stage]
    if (bound === undefined) continue
    record(group, bound)
    bound.powers.fill(1)
  }
}
