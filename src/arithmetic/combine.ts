/**
 * Elementwise functions of one tree or two, as rules: they run on numbers, typed arrays and tensors, fused where the
 * backend fuses, and each leaf is checked as in `update`.
 */
import { GradpipeError } from '../error.js'
import type { Params } from '../rule/leaf.js'
import type { Scope } from '../rule/scope.js'
import type { Term } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'

/**
 * A function of two trees of one structure, element by element.
 *
 * @category Trees
 */
export interface Elementwise {
  (x: number, y: number): number
  <P extends Params>(x: P, y: Params): P
}

type Element = Term<'element'>
type Numbers<K extends string> = Readonly<Record<K, number>>
type Terms<K extends string> = Readonly<Record<K, Term<'host'>>>

/** What a tree is called in an error: the rule's names for its trees, and the caller's. */
type Names = Readonly<Record<string, string>>

/** Runs a rule whose errors speak of the caller's arguments. */
export const speakingOf = <R>(names: Names, run: () => R): R => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof GradpipeError)) throw error
    const { _tag, path, expected, given } = error
    for (const [tree, name] of Object.entries(names))
      if (path === tree || path.startsWith(`${tree}.`))
        throw new GradpipeError(_tag, name + path.slice(tree.length), expected, given)
    throw error
  }
}

type Step<K extends string> = (x: Element, y: Element, scalars: Terms<K>) => Term<Scope>

/** The rule of one update. The scalars' values are not part of what is compiled. */
const ruleOf = <K extends string>(scalars: Numbers<K>, step: Step<K>): GradientTransformation<EmptyState> => {
  const given: Readonly<Record<string, number>> = scalars
  return fromRule({
    slots: {},
    scalars: given,
    // the terms of these scalars and no others
    step: ({ g, p }, terms) => ({ update: step(g, p, terms as Terms<K>) }),
  })
}

/** A function of one tree, called `tree` in errors. */
export const mapped = <P extends Params, K extends string = never>(
  x: P,
  scalars: Numbers<K>,
  step: (x: Element, scalars: Terms<K>) => Term<Scope>,
): P => {
  const rule = ruleOf(scalars, (x, _, terms: Terms<K>) => step(x, terms))
  return speakingOf({ grads: 'tree' }, () => rule.update<P>(x, {})[0])
}

/**
 * A function of two trees, called by their names in errors. The result has the second one's order of keys, and `null`
 * where the first has it.
 */
export const combined = <P extends Params, K extends string = never>(
  [x, y]: readonly [P, Params],
  [first, second]: readonly [string, string],
  scalars: Numbers<K>,
  step: Step<K>,
): P => {
  const rule = ruleOf(scalars, step)
  return speakingOf({ grads: first, params: second }, () => rule.update<P>(x, {}, y)[0])
}

/** A function of two trees and nothing else. */
export const elementwise = (step: (x: Element, y: Element) => Term<Scope>): Elementwise => {
  function run(x: number, y: number): number
  function run<P extends Params>(x: P, y: Params): P
  function run<P extends Params>(x: P, y: Params): P {
    return combined([x, y], ['x', 'y'], {}, step)
  }
  return run
}
