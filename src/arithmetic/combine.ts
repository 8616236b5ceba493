/**
 * Elementwise functions of one tree or two, as rules: they run on numbers, typed arrays and tensors, fused if the
 * backend fuses, and check each leaf as `update` does.
 */
import { GradpipeError } from '../error.js'
import type { Params } from '../rule/leaf.js'
import type { Scope } from '../rule/scope.js'
import type { Term } from '../rule/term.js'
import { type HostTerms, statelessRule } from '../transform/statelessRule.js'

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

type Combination<K extends string> = (x: Element, y: Element, scalars: HostTerms<K>) => Term<Scope>

/** A function of one tree, which errors call `tree`, and of numbers by their names. */
export const mapping = <const K extends string = never>(
  term: (x: Element, scalars: HostTerms<K>) => Term<Scope>,
  names: readonly K[] = [],
): (<P extends Params>(x: P, numbers: Numbers<K>) => P) => {
  const rule = statelessRule<K>(({ g }, scalars) => ({ update: term(g, scalars) }), names)
  return <P extends Params>(x: P, numbers: Numbers<K>) =>
    speakingOf({ grads: 'tree' }, () => rule(numbers).update<P>(x, {})[0])
}

/**
 * A function of two trees, which errors call by these names, and of numbers by theirs. The result has the second
 * tree's order of keys, and `null` where the first has it.
 */
export const combining = <const K extends string = never>(
  [first, second]: readonly [string, string],
  term: Combination<K>,
  names: readonly K[] = [],
): (<P extends Params>(x: P, y: Params, numbers: Numbers<K>) => P) => {
  const rule = statelessRule<K>(({ g, p }, scalars) => ({ update: term(g, p, scalars) }), names)
  return <P extends Params>(x: P, y: Params, numbers: Numbers<K>) =>
    speakingOf({ grads: first, params: second }, () => rule(numbers).update<P>(x, {}, y)[0])
}

/** A function of two trees and nothing else. */
export const elementwise = (term: (x: Element, y: Element) => Term<Scope>): Elementwise => {
  const combine = combining(['x', 'y'], term)
  function run(x: number, y: number): number
  function run<P extends Params>(x: P, y: Params): P
  function run<P extends Params>(x: P, y: Params): P {
    return combine(x, y, {})
  }
  return run
}
