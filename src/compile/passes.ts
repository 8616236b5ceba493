/**
 * Passes: a leaf's plan as loops and tapes. Loops do what differs from element to element; what has one value for
 * a leaf or the tree is computed on the host between them, since the memory is the host's.
 */
import type { Expr, LeafScalar, Reduce, Slot as SlotNode } from '../rule/expr.js'
import { subterms } from '../rule/fold.js'
import type { LeafPlan } from '../rule/plan.js'
import { exprsOf, isReplaced, type Output } from '../rule/rule.js'
import { type Loop, loopOf } from './loop.js'
import { type Tape, tape } from './tape.js'

/** Single numbers, and a loop that is given some of them. */
export interface Phase {
  readonly loop: Loop
  /** From the given numbers to the loop's uniforms, and then to the phase's own single numbers. */
  readonly tape: Tape
  /** Whether the numbers differ from leaf to leaf. */
  readonly perLeaf: boolean
}

/** A stage of reductions. */
export interface Stage extends Phase {
  /** Reductions of a term that is the same for all elements; their arguments follow the uniforms on the tape. */
  readonly ofNumbers: readonly Reduce[]
}

/** The last phase: the outputs. */
export interface Final extends Phase {
  /** The names of the loop's stores. */
  readonly stored: readonly string[]
  /** Outputs of scope `leaf` and `tree`; their values follow the uniforms on the tape. */
  readonly ofNumbers: readonly string[]
  /** Outputs that are what the slot, or the parameter, was before. */
  readonly unchanged: readonly string[]
}

/** What is done on the leaves of one plan. */
export interface Passes {
  readonly plan: LeafPlan
  /** The slots of scope `leaf` and `tree` that are read. Tapes are given the host's numbers, these,… */
  readonly slots: readonly SlotNode[]
  /** …what the host knows of the leaf, and then… */
  readonly scalars: readonly LeafScalar[]
  /** …the reductions, stage by stage. */
  readonly reductions: readonly Reduce[]
  readonly stages: readonly Stage[]
  readonly final: Final
}

/**
 * The passes of a plan in a job with these host terms; every operation on single numbers is rounded by `round`. Where a
 * phase `keeps` what it has read and computed, the next ones do only what is new.
 */
export const passesOf = (
  plan: LeafPlan,
  host: readonly Expr[],
  round: (x: number) => number,
  keeps = false,
): Passes => {
  const all = subterms(exprsOf(plan.outputs))
  const slots = all.filter((node): node is SlotNode => node._tag === 'Slot' && node.scope !== 'element')
  const reductions = plan.stages.flat()
  const { scalars } = plan
  const given = [...host, ...slots, ...scalars, ...reductions]
  const kept = keeps ? new Map<Expr, number>() : undefined
  const phase = (stores: readonly Expr[], reductions: readonly Reduce[], numbers: readonly Expr[]): Phase => {
    const loop = loopOf(stores, reductions, undefined, kept)
    const terms = [...loop.uniforms, ...numbers]
    return {
      loop,
      tape: tape(terms, given, round),
      perLeaf: terms.some(({ scope }) => scope === 'leaf'),
    }
  }
  const stages = plan.stages.map((stage): Stage => {
    const ofNumbers = stage.filter(({ arg }) => arg.scope !== 'element')
    const ofElements = stage.filter(({ arg }) => arg.scope === 'element')
    return {
      ...phase(
        [],
        ofElements,
        ofNumbers.map(({ arg }) => arg),
      ),
      ofNumbers,
    }
  })
  const outputs = Object.entries(plan.outputs)
  const unchanged = outputs.filter(([name, { expr }]) => isReplaced(name, expr))
  const changed = outputs.filter(([name, { expr }]) => !isReplaced(name, expr))
  const stored = changed.filter(([, { scope }]) => scope === 'element')
  const single = changed.filter(([, { scope }]) => scope !== 'element')
  type Named = readonly [name: string, output: Output]
  const nameOf = ([name]: Named): string => name
  const termOf = ([, { expr }]: Named): Expr => expr
  return {
    plan,
    slots,
    scalars,
    reductions,
    stages,
    final: {
      ...phase(stored.map(termOf), [], single.map(termOf)),
      stored: stored.map(nameOf),
      ofNumbers: single.map(nameOf),
      unchanged: unchanged.map(nameOf),
    },
  }
}
