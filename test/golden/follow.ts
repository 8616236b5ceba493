/** A golden trajectory on tensors of a device that is waited for: its first steps, in Node and in a page. */
import * as tf from '@tensorflow/tfjs-core'
import {
  dispose,
  type ExtraArgs,
  type GradientTransformation,
  stepAsync,
  updateAsync,
} from '../../src/index.js'
import { map, type Tree } from '../../src/tree/index.js'
import {
  compare,
  type Difference,
  decode,
  encode,
  type GoldenCase,
  type GoldenInputs,
  type Leaf,
  tensor,
} from './golden.js'
import { firstParams, recordedParams } from './trajectory.js'

/** A tree with its tensors read back. */
const readBack = async (tree: Tree<Leaf>): Promise<Tree<Leaf>> => {
  const waiting: Promise<void>[] = []
  const numbers = new Map<tf.Tensor, Float32Array>()
  map((leaf: Leaf) => {
    if (leaf instanceof tf.Tensor)
      waiting.push(leaf.data().then((data) => void numbers.set(leaf, Float32Array.from(data))))
    return leaf
  })(tree)
  await Promise.all(waiting)
  return map((leaf: Leaf) => (leaf instanceof tf.Tensor ? (numbers.get(leaf) ?? leaf) : leaf))(tree)
}

/**
 * How many steps are followed where a device in software has no time for more: as far as the second that is recorded; of
 * inputs on which a rule has a case already, or of matrices alone, the first.
 */
export const firstSteps = ({ inputs }: GoldenCase): number => (['B', 'C', 'M'].includes(inputs) ? 1 : 2)

/** Follows so many steps of a case, and compares those that are recorded. */
export const follow = async (
  tx: GradientTransformation<unknown, ExtraArgs>,
  golden: GoldenCase,
  inputs: GoldenInputs,
  steps: number,
  signal?: AbortSignal,
): Promise<readonly Difference[]> => {
  const params0 = decode(inputs.params0)
  const differences: Difference[] = []
  let params = firstParams(golden, params0, tensor)
  let state = tx.init(params)
  for (const [i, grads] of inputs.grads.slice(0, steps).entries()) {
    signal?.throwIfAborted()
    const extra = golden.extra === undefined ? {} : { value: Number(inputs.values[i]?.data[0]) }
    const given = encode(tensor, decode(grads))
    const before = state
    let seen: Tree<Leaf>
    if (golden.params === undefined) {
      const now = encode(tensor, params0, 1 + i / 16)
      const [updates, next] = await updateAsync(tx)(given, state, now, extra)
      seen = await readBack(updates)
      state = next
      dispose(updates, now)
    } else {
      const [moved, next] = await stepAsync(tx)(params, state, given, extra)
      seen = await readBack(moved)
      state = next
      dispose(params)
      params = moved
    }
    dispose(before, given)
    const expected = (golden.params ?? golden.updates)?.[String(i + 1)]
    if (expected !== undefined)
      differences.push(
        ...compare(`step ${i + 1}`, recordedParams(expected), seen, tensor.tolerance(golden.f32_dev)),
      )
  }
  dispose(params, state)
  return differences
}
