/** Measures: numbers of a whole tree, computed where its leaves are, and read where the host has to know them. */
import { readLeaf, readLeafLater } from '../interpret/memory.js'
import type { Params } from '../rule/leaf.js'
import { dispose, disposingOnError } from './dispose.js'
import { type Process, wait } from './process.js'
import { step } from './step.js'
import type { GradientTransformation, TreeValue } from './transformation.js'

/**
 * What a rule keeps of a tree of gradients that it sees once: numbers in slots of scope `tree`, all `null` where there
 * is no leaf. Its update must be zero: a step by it costs a handle per leaf and no memory.
 */
export const measure =
  <S>(rule: GradientTransformation<S>): ((grads: Params) => S) =>
  (grads) =>
    disposingOnError((made) => {
      const first = made(rule.init(grads))
      const [same, measured] = step(rule)(grads, first, grads)
      dispose(first, same)
      return measured
    })

/** Reads a number that may be on the device; of nothing it is zero. */
export function* readNumber(value: TreeValue): Process<number> {
  if (value === null || typeof value === 'number') return value ?? 0
  return yield* wait({ now: () => readLeaf(value), later: () => readLeafLater(value) })
}
