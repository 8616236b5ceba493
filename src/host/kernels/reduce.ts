/**
 * A stage of reductions: the leaves' shares by kernels, and what they add up to.
 *
 * Shares of a tree's sum are added leaf by leaf, in the order of the leaves. Where a sum of squares in float64 has lost
 * numbers, its leaves are gone through once more, multiplied by a power of two; so are those of float32 whose kernels
 * leave that to us.
 */
import { float32Squares, float64Squares, powerFor, root32, square32 } from '../../compile/squares.js'
import type { Reduce, ReduceKind } from '../../rule/expr.js'
import { remember } from '../../rule/intern.js'
import type { Binding, BoundStage, Group, Site, Sites } from './binding.js'
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
  const { phase, reductions, shares, powers } = bound
  const { ofNumbers } = phase
  const isSingle = group.precision === 'float32'
  const first = phase.loop.reductions.length
  const rows = group.leaves.length
  for (let row = 0; row < rows; row++) {
    if (!computeNumbers(run, group, bound, row)) break
    for (let i = 0; i < ofNumbers.length; i++) {
      const at = row * reductions.length + first + i
      const value = bound.numbers[phase.loop.uniforms.length + i] as number
      const kind = ofNumbers[i]?.kind ?? 'sum'
      shares[at] = shareOfNumber(kind, value, group.sizes[row] as number, powers[at] as number, isSingle)
    }
  }
  if (first > 0) run.machine.reduce(group, bound)
}

/** The same of float32, which has a sum of squares whatever they are. */
const shareSingle = <L>(run: Run<L>, group: Group<L>, bound: BoundStage<L>): void => {
  share(run, group, bound)
  const { phase, reductions, shares, powers, hasNorms } = bound
  const count = phase.loop.reductions.length
  if (!hasNorms || run.machine.sums === 'in turns') return
  if (!choosePowers(bound, count, (_, squares) => powerFor(squares, float32Squares))) return
  run.machine.reduce(group, bound)
  for (let k = 0; k < count; k++)
    for (let at = k; at < shares.length; at += reductions.length) {
      const power = powers[at] as number
      shares[at] = (shares[at] as number) / power / power
    }
  powers.fill(1)
}

/** All leaves in their order, each with its group and its row there. */
const orderOf = remember(({ groups }: Binding<unknown>) =>
  groups
    .flatMap((group) => group.leaves.map((leaf, row) => ({ leaf, group, row })))
    .sort((a, b) => a.leaf - b.leaf),
)

/** Adds up the shares of a stage's sites. */
const addUp = (binding: Binding<unknown>, stage: number, { all, totals, powers }: Sites): void => {
  if (all.length === 0) return
  const order = orderOf(binding)
  for (let i = 0; i < all.length; i++) totals[i] = all[i]?.kind === 'max' ? Number.NEGATIVE_INFINITY : 0
  for (let i = 0; i < order.length; i++) {
    const { group, row } = order[i] as (typeof order)[number]
    const { reductions, sites, shares } = group.stages[stage] as BoundStage<unknown>
    for (let k = 0; k < sites.length; k++) {
      const site = sites[k] as number
      if (site < 0) continue
      const power = group.precision === 'float32' ? (powers[site] as number) : 1
      const value = (shares[row * reductions.length + k] as number) * power * power
      const before = totals[site] as number
      totals[site] = all[site]?.kind === 'max' ? Math.max(before, value) : before + value
    }
  }
}

/** Keeps the values of reductions over a leaf. */
const record = <L>({ passes, precision, reduced, leaves }: Group<L>, bound: BoundStage<L>): void => {
  const { reductions, shares, powers, sites } = bound
  for (let k = 0; k < reductions.length; k++) {
    if ((sites[k] as number) >= 0) continue
    const reduce = reductions[k] as Reduce
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

/** Goes once more through the leaves of float64 whose sums of squares have lost numbers; whether there are any. */
const shareAgain = <L>(run: Run<L>, group: Group<L>, bound: BoundStage<L>, sites: Sites): boolean => {
  if (!bound.hasNorms || group.precision === 'float32') return false
  for (let i = 0; i < sites.all.length; i++) {
    const { kind, isSingle } = sites.all[i] as Site
    if (kind === 'norm' && !isSingle) sites.powers[i] = powerFor(sites.totals[i] as number, float64Squares)
  }
  const lost = choosePowers(bound, bound.reductions.length, (k, squares) => {
    const site = bound.sites[k] as number
    return site < 0 ? powerFor(squares, float64Squares) : (sites.powers[site] as number)
  })
  if (lost) share(run, group, bound)
  return lost
}

/** Runs a stage of reductions over all leaves. */
export const reduceStage = <L>(run: Run<L>, binding: Binding<L>, stage: number): void => {
  const { groups } = binding
  const sites = binding.sites[stage] as Sites
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g] as Group<L>
    const bound = group.stages[stage] as BoundStage<L>
    ;(group.precision === 'float32' ? shareSingle : share)(run, group, bound)
  }
  addUp(binding, stage, sites)
  let some = false
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g] as Group<L>
    if (shareAgain(run, group, group.stages[stage] as BoundStage<L>, sites)) some = true
  }
  if (some) addUp(binding, stage, sites)
  const { all, totals, powers, hasNorms } = sites
  for (let i = 0; i < all.length; i++) {
    const { name, kind, isSingle } = all[i] as Site
    const total = totals[i] as number
    const whole =
      kind !== 'norm' ? total : isSingle ? root32(total) : Math.sqrt(total) / (powers[i] as number)
    run.sites.set(name, whole)
  }
  if (hasNorms) powers.fill(1)
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g] as Group<L>
    const bound = group.stages[stage] as BoundStage<L>
    if (bound.hasOwn) record(group, bound)
    if (bound.hasNorms) bound.powers.fill(1)
  }
}
