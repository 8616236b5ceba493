/** Observes gradients: numbers of a whole tree, computed where its leaves are. */
import type { Params } from '../rule/leaf.js'
import { dispose, disposingOnError } from './dispose.js'
import { renaming } from './rename.js'
import { step } from './step.js'
import type { GradientTransformation } from './transformation.js'

/**
 * What a rule keeps of a tree of gradients that it sees once: numbers in slots of scope `tree`, all `null` where there
 * is not a leaf. Its update must be zero: a step by it costs a handle per leaf and no memory.
 */
export const observe =
  <S>(rule: GradientTransformation<S>): ((grads: Params) => S) =>
  (grads) =>
    disposingOnError((made) => {
      const first = made(renaming('params', 'grads', () => rule.init(grads)))
      const [same, observed] = step(rule)(grads, first, grads)
      dispose(first, same)
      return observed
    })
