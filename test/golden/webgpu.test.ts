/** The golden trajectories on WebGPU, where nothing can be read back but by waiting for it. */
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, expect, test } from 'vitest'
import * as gradpipe from '../../src/index.js'
import { isThorough } from '../laws/runs.js'
import { describeOnWebgpu, isSoftware, useWebgpu } from '../webgpu/device.js'
import { type Library, ourName } from './catalogue.js'
import { firstSteps, follow } from './follow.js'
import { assertAgreement, decode, type GoldenCase, type GoldenFile, readGoldens, tensor } from './golden.js'
import { transformationOf } from './trajectory.js'

/**
 * How many steps are followed: as far as the third that is recorded; unless `CI` is set fewer on a software device, and of
 * every second case one.
 */
const stepsOf = (golden: GoldenCase, at: number): number =>
  isThorough || !isSoftware ? 5 : at % 2 === 0 ? firstSteps(golden) : 1

/** All steps of all matrices take several times as long. */
const timeout = isThorough ? 120_000 : 30_000

const library: Library = gradpipe

describeOnWebgpu('on WebGPU', () => {
  beforeAll(async () => void (await useWebgpu()))

  /** A test that ran out of time still makes tensors: it ends before the next one counts them. */
  let following: Promise<unknown> = Promise.resolve()
  afterEach(() => following.catch(() => undefined))

  for (const file of ['optax_transforms', 'optax_optimizers', 'optax_wrappers'] as const) {
    const { cases, inputs } = readGoldens<GoldenFile>(file)
    const chosen = cases.filter(({ name }) => typeof library[ourName(name)] === 'function')
    for (const [at, golden] of chosen.entries()) {
      const { name, args, config, call } = golden
      const title = `${name}(${JSON.stringify([args, config, call])}) on ${golden.inputs}`
      test(`${title} agrees with Optax in its first steps, and leaves nothing behind`, { timeout }, async ({
        signal,
      }) => {
        const given = inputs[golden.inputs]
        if (given === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
        const alive = tf.memory().numTensors
        const tx = transformationOf(gradpipe, golden, decode(given.params0), tensor)
        const differences = follow(tx, golden, given, stepsOf(golden, at), signal)
        following = differences
        assertAgreement(title, await differences)
        expect(tf.memory().numTensors).toBe(alive)
      })
    }
  }
})
