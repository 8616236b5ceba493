/** A transformation followed on arrays and on tensors of WebGPU, for tests that compare the two. */
import * as tf from '@tensorflow/tfjs-core'
import { Block, type Trial } from '../../laws/index.js'
import {
  dispose,
  type GradientTransformation,
  ndarray,
  type Params,
  type Tree,
  tree,
  updateAsync,
} from '../../src/index.js'
import { complaintOf, type Device, numbersOf } from './read.js'

/** Arrays of float32 with a tree's numbers; those of several axes have their shape. */
const arrays: (blocks: Tree<Block>) => Params = tree.map(({ data, shape }: Block) =>
  shape.length > 1 ? ndarray(Float32Array.from(data), shape) : Float32Array.from(data),
)

/** Tensors with a tree's numbers. */
const tensors: (blocks: Tree<Block>) => Params = tree.map(({ data, shape }: Block) =>
  tf.tensor(Float32Array.from(data), [...shape], 'float32'),
)

/** A leaf of a tree to try something on: `n` numbers by a formula. */
export const block = (n: number, f: (i: number) => number): Block =>
  new Block(
    [n],
    Float64Array.from({ length: n }, (_, i) => Math.fround(f(i))),
  )

/** Every leaf of a run: the updates of each step, and the state after it. */
export type Leaves = readonly (readonly number[])[]

const followed = async (
  tx: GradientTransformation,
  encode: (blocks: Tree<Block>) => Params,
  { params, grads }: Trial,
): Promise<Leaves> => {
  const given = encode(params)
  const states: unknown[] = [tx.init(given)]
  const all: unknown[] = [...states]
  const gradients = grads.map(encode)
  for (const gradient of gradients) {
    const [updates, next] = await updateAsync(tx)<Params>(gradient, states.at(-1), given)
    states.push(next)
    all.push(updates, next)
  }
  const numbers = await numbersOf(all)
  dispose(given, gradients, all)
  return numbers
}

/** All updates and states, on arrays. */
export const onArrays = (tx: GradientTransformation, trial: Trial): Promise<Leaves> =>
  followed(tx, arrays, trial)

/** All updates and states, on the device; fails if it complains. */
export const onDevice = async (device: Device, tx: GradientTransformation, trial: Trial): Promise<Leaves> => {
  const [running, complaint] = await complaintOf(device, () => followed(tx, tensors, trial))
  const given = await running
  if (complaint !== null) throw new Error(complaint)
  return given
}

/** All updates and states, on arrays and on the device. */
export const bothWays = async (
  device: Device,
  tx: GradientTransformation,
  trial: Trial,
): Promise<readonly [expected: Leaves, given: Leaves]> => [
  await onArrays(tx, trial),
  await onDevice(device, tx, trial),
]
