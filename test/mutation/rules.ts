/** The rules of a transformation: those that its leaves get, and the transformation with others in their place. */
import type { Tx } from '../../laws/index.js'
import { ndarray, type Params } from '../../src/index.js'
import type { Program, Step } from '../../src/program/program.js'
import { remember } from '../../src/rule/intern.js'
import type { Rule } from '../../src/rule/rule.js'
import { fromRuled } from '../../src/transform/ruled.js'
import type { GradientTransformation } from '../../src/transform/transformation.js'
import { isUntouched, type Mutant } from './mutate.js'

type Change = (rule: Rule) => Rule

/** A transformation with its rules changed, and those of its members; the same where it has none. */
const changed = <S>(tx: GradientTransformation<S>, change: Change): GradientTransformation<S> => {
  const { ruled, ofChanged } = tx
  // members that need extra arguments get them from whoever runs the whole
  if (ruled === undefined) return ofChanged?.((member) => changed<unknown>(member as Tx, change)) ?? tx
  const program = remember(
    (whole: Program): Program => ({ ...whole, rule: (leaf) => change(whole.rule(leaf)) }),
  )
  const withChange = (step: Step<S>): Step<S> => ({ ...step, program: program(step.program) })
  return fromRuled({
    reads: ruled.reads,
    begin: () => withChange(ruled.begin()),
    resume: (state, at, extraArgs) => withChange(ruled.resume(state, at, extraArgs)),
  })
}

/** So many that what a host counts comes round. */
const steps = 7

/** The rules of all steps, on a leaf like this. */
const rulesOn = (tx: Tx, leaf: (...elements: readonly number[]) => Params): readonly Rule[] => {
  const rules = new Set<Rule>()
  const watched = changed(tx, (rule) => {
    rules.add(rule)
    return rule
  })
  const params = leaf(1, 2, 3, 4, 5, 6)
  let state = watched.init(params)
  for (let i = 0; i < steps; i++) state = watched.update(leaf(0.5, -i, 3, 0.25, 2, -1), state, params)[1]
  return [...rules]
}

/** The rules of a transformation's leaves. */
export interface Rules {
  /** Of those that have one axis. */
  readonly flat: readonly Rule[]
  /** Of matrices, where these are others. */
  readonly ofAxes: readonly Rule[]
}

/** The rules of all steps of a transformation, on flat leaves, and on matrices if it takes them. */
export const rulesOf = (tx: Tx, seesAxes: boolean): Rules => {
  const flat = rulesOn(tx, (...elements) => Float64Array.from(elements))
  const matrix = (...elements: readonly number[]): Params => ndarray(Float64Array.from(elements), [2, 3])
  const ofAxes = seesAxes ? rulesOn(tx, matrix) : []
  return { flat, ofAxes: ofAxes.filter((rule) => !flat.includes(rule)) }
}

/** The transformation with a fault in its rules; with copies of them where there is none. */
export const mutated = (tx: Tx, mutant: Mutant | null): Tx =>
  changed(
    tx,
    remember((rule: Rule): Rule => {
      if (mutant === null) return { ...rule }
      return isUntouched(mutant, rule) ? rule : mutant.apply(rule)
    }),
  )
