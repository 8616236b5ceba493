/** The golden trajectories on WebGPU, where nothing can be read back but by waiting for it. */
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, expect, test } from 'vitest'
import * as gradpipe from '../../src/index.js'
import {
  dispose,
  type ExtraArgs,
  type GradientTransformation,
  stepAsync,
  updateAsync,
} from '../../src/index.js'
import { map, type Tree } from '../../src/tree/index.js'
import { describeOnWebgpu, isSoftware, useWebgpu } from '../webgpu/device.js'
import { type Library, ourName } from './catalogue.js'
import {
  assertAgreement,
  compare,
  type Difference,
  decode,
  encode,
  type GoldenCase,
  type GoldenFile,
  type GoldenInputs,
  type Leaf,
  readGoldens,
  tensor,
} from './golden.js'
import { firstParams, recordedParams, transformationOf } from './trajectory.js'

/**
 * How many steps are followed: as far as the third that is recorded; unless `CI` is set, on a software device as far as
 * the second, and of matrices alone the first: a step of Muon takes it a second.
 */
const stepsOf = ({ inputs }: GoldenCase): number =>
  process.env.CI || !isSoftware ? 5 : inputs === 'M' ? 1 : 2

/** All steps of all matrices take several times as long. */
const timeout = process.env.CI ? 120_000 : 30_000

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

const follow = async (
  tx: GradientTransformation<unknown, ExtraArgs>,
  golden: GoldenCase,
  inputs: GoldenInputs,
  signal: AbortSignal,
): Promise<readonly Difference[]> => {
  const params0 = decode(inputs.params0)
  const differences: Difference[] = []
  let params = firstParams(golden, params0, tensor)
  let state = tx.init(params)
  for (const [i, grads] of inputs.grads.slice(0, stepsOf(golden)).entries()) {
    signal.throwIfAborted()
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

const library: Library = gradpipe

describeOnWebgpu('on WebGPU', () => {
  beforeAll(async () => void (await useWebgpu()))

  /** A test that ran out of time still makes tensors: it ends before the next one counts them. */
  let following: Promise<unknown> = Promise.resolve()
  afterEach(() => following.catch(() => undefined))

  for (const file of ['optax_transforms', 'optax_optimizers', 'optax_wrappers'] as const) {
    const { cases, inputs } = readGoldens<GoldenFile>(file)
    for (const golden of cases.filter(({ name }) => typeof library[ourName(name)] === 'function')) {
      const { name, args, config, call } = golden
      const title = `${name}(${JSON.stringify([args, config, call])}) on ${golden.inputs}`
      test(`${title} agrees with Optax in its first steps, and leaves nothing behind`, { timeout }, async ({
        signal,
      }) => {
        const given = inputs[golden.inputs]
        if (given === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
        const alive = tf.memory().numTensors
        const tx = transformationOf(gradpipe, golden, decode(given.params0), tensor)
        const differences = follow(tx, golden, given, signal)
        following = differences
        assertAgreement(title, await differences)
        expect(tf.memory().numTensors).toBe(alive)
      })
    }
  }
})
