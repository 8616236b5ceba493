/** How many steps a transformation has made inside its wrappers: the argument of its schedule. */
import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { getAllWithPath } from '../../arithmetic/lookup.js'
import { GradpipeError } from '../../error.js'
import { type Path, showPath } from '../../tree/path.js'
import { children, isArray, isBranch, type Tree } from '../../tree/tree.js'
import { optimizerOf, stateOf } from './optimizerState.js'

type Count = readonly [path: Path, count: number]

/** All counts in a state. A count that is the whole state of a chain's member belongs to a schedule. */
const countsIn = (state: Tree<unknown>): readonly Count[] => {
  const all = getAllWithPath(state, 'count', { filtering: (_, value) => typeof value === 'number' })
  return all.map(([path, count]) => [path, Number(count)])
}

const isAlone = (state: Tree<unknown>, path: Path): boolean => {
  let node: Tree<unknown> | undefined = state
  for (const key of path.slice(0, -1)) {
    if (node === undefined || node === null || !isBranch(node)) return false
    node = new Map(children(node)).get(key)
  }
  return (
    node !== undefined && node !== null && isBranch(node) && !isArray(node) && children(node).length === 1
  )
}

/**
 * The steps of a model's optimizer, as its schedule counts them. A transformation counts them itself: they are fewer
 * than the batches if a wrapper accumulates or skips gradients. Other optimizers count every step.
 *
 * Throws `InvalidArgument` if several members of a chain count differently.
 */
export const stepsBySchedule = (name: string, model: LayersModel): number => {
  const { iterations }: tf.Optimizer = optimizerOf(name, model)
  const state = stateOf(model)
  const all = countsIn(state)
  const alone = all.filter(([path]) => isAlone(state, path))
  const counts = new Map((alone.length > 0 ? alone : all).map(([path, count]) => [count, path]))
  const [first, ...others] = counts.keys()
  if (first === undefined) return iterations
  if (others.length === 0) return first
  throw new GradpipeError(
    'InvalidArgument',
    name,
    'a schedule whose steps are counted once; injectHyperparams keeps the rate itself in the state',
    [...counts].map(([count, path]) => `${showPath(path)}: ${count}`).join(', '),
  )
}

/** The updates that a model's optimizer has made; fewer than the batches if `multiSteps` accumulates gradients. */
export const updatesOf = (name: string, model: LayersModel): number => {
  const [outermost] = getAllWithPath(stateOf(model), 'gradientStep', {
    filtering: (_, value) => typeof value === 'number',
  })
  return outermost === undefined ? optimizerOf(name, model).iterations : Number(outermost[1])
}
