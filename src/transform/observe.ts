/** Observes gradients: computes numbers of a whole tree on its device. */
import { dispose, disposingOnError } from '../program/dispose.js'
import type { Params } from '../rule/leaf.js'
import { renaming } from './rename.js'
import { step } from './step.js'
import type { GradientTransformation } from './transformation.js'

/**
 * What a rule keeps of a tree of gradients after one step: numbers in slots of scope `tree`, all `null` if there is
 * no leaf. The rule's update must be zero; its step then costs a handle per leaf and no memory.
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
