/** What the kernels of one plan go over, and what the records of its leaves say: the same for every leaf. */
import {
  type Cells,
  cellKey,
  cellSteps,
  cellsOf,
  digitCount,
  type Step,
  stepsTo,
} from '../../../compile/axes.js'
import { apart } from '../../../compile/groups.js'
import { reads } from '../../../compile/statements.js'
import { RECORD_HEAD, type ScalarOutput } from '../../../compile/wgsl/kernel.js'
import type { Reduction } from '../../../compile/wgsl/reduction.js'
import type { Expr } from '../../../rule/expr.js'
import type { LeafPlan } from '../../../rule/plan.js'
import { type Extent, isAxes } from '../../../rule/scope.js'
import { copied, isSeveral } from '../inputs.js'

/** Reductions whose kernels go over the same. */
export interface Together {
  /** What this is, by name. */
  readonly unit: string
  readonly domain: Extent
  readonly reductions: readonly Reduction[]
  /** Of reductions whose values are of rows, columns or matrices. */
  readonly cells: Cells | null
}

/** A plan, looked at. */
export interface Planned {
  readonly plan: LeafPlan
  /** Per stage. */
  readonly reductions: readonly (readonly Together[])[]
  /** The extents of outputs with several values. */
  readonly domains: readonly Extent[]
  /** The outputs with one value per leaf or tree that are computed. */
  readonly scalars: readonly ScalarOutput[]
  /** What has one value per leaf or tree and is read. */
  readonly singles: readonly Expr[]
  /** The word of a record that says where a reduction has its shares, or its values. */
  readonly words: ReadonlyMap<Expr, number>
  /** How indices are made of others, and the vector of a record with the first digit of each. */
  readonly steps: readonly (readonly [step: Step, vector: number])[]
  readonly digits: (step: Step) => number
  /** Length of a record, in words. */
  readonly record: number
}

const togetherIn = (stage: readonly Reduction[]): readonly Together[] =>
  apart(stage, ({ node }) => cellKey(node) ?? '').map((reductions): Together => {
    const cells = cellsOf(reductions.map(({ node }) => node))
    if (cells === null) return { unit: 'element', domain: 'element', reductions, cells: null }
    const { over, within } = cells
    return isAxes(over)
      ? { unit: `${over} of ${within}`, domain: within, reductions, cells }
      : { unit: within, domain: within, reductions, cells: null }
  })

const keyOf = ({ from, to }: Step): string => `${from} to ${to}`

/** The steps that kernels over a domain take to read what some terms are made of. */
const stepsOf = (domain: Extent, exprs: readonly Expr[]): readonly Step[] => {
  const { axes, scalars } = reads(exprs)
  return stepsTo(domain, [...axes, ...scalars.filter(({ _tag }) => _tag === 'Reduce')])
}

/** Looks at a plan. */
export const planned = (plan: LeafPlan): Planned => {
  const computed = Object.entries(plan.outputs).filter(([, output]) => copied(output) === null)
  const reduced = plan.stages.flat()
  const { scalars } = reads([...computed.map(([, { expr }]) => expr), ...reduced.map(({ arg }) => arg)])
  let word = RECORD_HEAD
  const words = new Map<Expr, number>()
  const reductions = plan.stages.map((stage) =>
    togetherIn(
      stage.map((node): Reduction => {
        words.set(node, word)
        return { node, at: word++ }
      }),
    ),
  )
  const byDomain = new Map<Extent, Expr[]>()
  for (const [, { scope, expr }] of computed)
    if (isSeveral(scope)) byDomain.set(scope, [...(byDomain.get(scope) ?? []), expr])
  const steps = new Map(
    [
      ...[...byDomain].flatMap(([domain, exprs]) => stepsOf(domain, exprs)),
      ...reductions.flat().flatMap(({ domain, cells, reductions: all }) => [
        ...(cells === null ? [] : cellSteps(cells)),
        ...stepsOf(
          domain,
          all.map(({ node }) => node.arg),
        ),
      ]),
    ].map((step) => [keyOf(step), step]),
  )
  let vector = Math.ceil(word / 4)
  const vectors = new Map<string, number>()
  for (const [key, step] of steps) {
    vectors.set(key, vector)
    vector += digitCount(step)
  }
  return {
    plan,
    reductions,
    domains: [...byDomain.keys()],
    scalars: computed
      .filter(([, { scope }]) => !isSeveral(scope))
      .map(([name, { expr }], i): ScalarOutput => ({ name, expr, at: i })),
    singles: [...scalars, ...reduced].filter(({ scope }) => !isAxes(scope)),
    words,
    steps: [...steps].map(([key, step]) => [step, vectors.get(key) ?? 0]),
    digits: (step) => vectors.get(keyOf(step)) ?? 0,
    record: 4 * vector,
  }
}
