/**
 * Functions of whole trees, as rules without a state: all results from gradients, parameters and other trees are
 * computed at once, fused and checked like a step.
 */
import { noScalars } from '../declare/declared.js'
import { execute } from '../program/execute.js'
import type { Program, SlotPlace } from '../program/program.js'
import { Gradient, Slot } from '../rule/expr.js'
import type { Params } from '../rule/leaf.js'
import type { Rule } from '../rule/rule.js'
import { parameter, type SlotSpec } from '../rule/slot.js'
import { Term } from '../rule/term.js'

// model

/** A tree like the parameters, or one value for all of them, and its name in errors. */
export interface TreeInput<S extends 'element' | 'tree' = 'element' | 'tree'> {
  readonly scope: S
  readonly at: string
}

/** Trees that belong together, by name: an entry of a history. */
export type TreeInputs = Readonly<Record<string, TreeInput>>

/** What terms are made of. */
export interface TreeTerms<I extends TreeInputs> {
  readonly g: Term<'element'>
  readonly p: Term<'element'>
  /** Beside the declared ones. */
  readonly inputs: readonly { readonly [K in keyof I]: Term<NonNullable<I[K]>['scope']> }[]
}

/**
 * Computes the results: for scope `element` trees, with `null` where there is no gradient; for scope `tree` one
 * value, or `null` without gradients. Throws like `update`.
 */
export type TreeFunction<I extends TreeInputs> = (
  grads: Params,
  params?: Params,
  inputs?: readonly { readonly [K in keyof I]: Params }[],
) => readonly Params[]

// constructors

const nameOf = (i: number, name: string): string => `${i}.${name}`

const programOf = <I extends TreeInputs>(
  inputs: readonly I[],
  results: (terms: TreeTerms<I>) => readonly SlotSpec<'element' | 'tree'>[],
): Program => {
  const entries = inputs.map((entry) => Object.entries<TreeInput>(entry))
  const terms: unknown = entries.map((entry, i) =>
    Object.fromEntries(
      entry.map(([name, { scope }]) => [name, new Term(Slot(nameOf(i, name), scope), scope)]),
    ),
  )
  const declared = results({
    g: new Term(Gradient, 'element'),
    p: parameter,
    // one term for each that was declared
    inputs: terms as TreeTerms<I>['inputs'],
  })
  const slots = Object.fromEntries(declared.map((result, i) => [String(i), result]))
  const rule: Rule = { slots, next: {}, update: Gradient }
  return {
    rule: () => rule,
    scalars: [],
    slots: declared.map(({ scope }, i) => ({ name: String(i), scope })),
    inputs: entries.flatMap((entry, i) =>
      entry.map(([name, { scope, at }]): SlotPlace => ({ name: nameOf(i, name), scope, at })),
    ),
  }
}

const asTheyAre = (results: readonly Params[]): readonly Params[] => results

/**
 * The function with these terms as results: first values of slots, which may depend on anything. The terms are built
 * once, when the function is first called.
 */
export const treeFunction = <I extends TreeInputs = TreeInputs>(
  inputs: readonly I[],
  results: (terms: TreeTerms<I>) => readonly SlotSpec<'element' | 'tree'>[],
): TreeFunction<I> => {
  let known: Program | undefined
  const names = inputs.flatMap((entry, i) => Object.keys(entry).map((name) => ({ i, name })))
  return (grads, params, given = []) => {
    known ??= programOf(inputs, results)
    const values = names.map(({ i, name }) => given[i]?.[name] ?? null)
    const step = {
      program: known,
      scalars: [],
      declared: noScalars,
      slots: [],
      inputs: values,
      finish: asTheyAre,
      hold: asTheyAre,
    }
    return execute(step, { _tag: 'Compute', grads, params }).state
  }
}
