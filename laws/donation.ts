/** Donation: a step that consumes its arguments is the same step, in less memory. */
import { GradpipeError, type Leaf, type Params, step } from '../src/index.js'
import { type Trial, trial } from './arbitrary.js'
import { stateTree } from './follow.js'
import { allKinds, encode } from './kind.js'
import type { Law, Tx } from './law.js'
import { isTensor, leavesOf, remembered } from './memory.js'
import { isDisposed, liveTensors, shareTensor } from './tensor.js'
import { broken, compareTrees, exactly, firstOf, unless, type Violation } from './violation.js'

/**
 * Tensors on the memory of every second leaf: they must show the same numbers after a step that donates the leaves.
 */
const held = (leaves: readonly Leaf[]): readonly Leaf[] =>
  leaves.filter((_, i) => i % 2 === 0).map((leaf) => shareTensor(leaf) ?? leaf)

const refused = (call: () => unknown): Violation | null => {
  try {
    call()
  } catch (error) {
    if (error instanceof GradpipeError)
      return unless(error._tag === 'Disposed', 'a consumed argument', 'Disposed', error._tag)
    throw error
  }
  return broken('a consumed argument', 'Disposed', 'a result')
}

/**
 * $\operatorname{step}_{\text{donate}} = \operatorname{step}$: the same parameters and the same state. The given
 * tensors are consumed; other holders of their memory still find the same numbers there. Arrays are only read.
 *
 * @category Laws of every transformation
 */
export const donatedStepIsStep: Law<Tx, Trial> = {
  name: 'donatedStepIsStep',
  statement:
    'step with donate = step; it consumes every tensor that it is given, and changes no other tensor on their memory',
  conditions: 'all numbers, NaN and infinities too; exact; as many tensors as before, less the gradients',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'special', params: 'special', steps: 3 }),
  predicate: (tx, { params, grads }, kind) => {
    const inPlace = step(tx, { donate: true })
    let [at, state]: readonly [Params, unknown] = [encode(kind)(params), tx.init(encode(kind)(params))]
    for (const [i, gradient] of grads.entries()) {
      const encoded = encode(kind)(gradient)
      const [before, old] = [at, state]
      const [expected, after] = step(tx)<Params>(at, state, encoded)
      const given = [encoded, stateTree(state), at].flatMap(leavesOf)
      const tensors = given.filter(isTensor)
      const holders = held(given)
      const unchanged = remembered([holders, ...(tensors.length > 0 ? [] : given)])
      const alive = liveTensors()
      const [moved, next] = inPlace<Params>(at, state, encoded)
      const grown = liveTensors() - alive
      const returned = leavesOf([moved, next]).filter(isTensor).length
      const wrong = firstOf([
        compareTrees(`params ${i + 1}`, expected, moved, exactly, kind),
        compareTrees(`state ${i + 1}`, stateTree(after), stateTree(next), exactly, kind),
        unless(tensors.every(isDisposed), `step ${i + 1}`, 'consumed arguments', 'one that is alive'),
        unless(
          grown === returned - tensors.length,
          `step ${i + 1}`,
          `${returned} tensors in place of ${tensors.length}`,
          `${grown} more`,
        ),
        unchanged(),
        tensors.length > 0 ? refused(() => inPlace<Params>(before, old, encoded)) : null,
      ])
      if (wrong !== null) return wrong
      ;[at, state] = [moved, next]
    }
    return null
  },
}
