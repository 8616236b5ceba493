import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import {
  chain,
  dispose,
  type GradientTransformation,
  injectHyperparams,
  masked,
  type Params,
  partition,
  scale,
  sgd,
  step,
  stepAsync,
  updateAsync,
} from '../../src/index.js'

/** Divides by what `later` gives, asked synchronously or not; a user's own pair. */
const dividing = (now: () => number, later: () => Promise<number>): GradientTransformation<number> => ({
  init: () => 0,
  update: <P extends Params>(grads: P, state: number) => [divided(grads, now()), state + 1] as const,
  updateAsync: async <P extends Params>(grads: P, state: number) =>
    [divided(grads, await later()), state + 1] as const,
})

const divided = <P extends Params>(grads: P, by: number): P => {
  const [result] = scale(1 / by).update<P>(grads, {})
  return result
}

const blocked = (): number => {
  throw new Error('the device would block')
}

const asyncOnly = dividing(blocked, async () => 4)

describe('updateAsync', () => {
  it('reaches a member that waits, through every combinator', async () => {
    const all: readonly GradientTransformation[] = [
      chain(scale(2), asyncOnly, scale(2)),
      masked(asyncOnly, () => true),
      partition({ own: asyncOnly, other: sgd(1) }, () => 'own'),
      injectHyperparams((_: { readonly x: number }) => asyncOnly)({ x: 1 }),
      chain(chain(masked(asyncOnly, () => true))),
    ]
    const results: unknown[] = []
    for (const tx of all) {
      const [updates] = await updateAsync(tx)([8], tx.init([0]))
      results.push(updates)
    }
    expect(results).toEqual([[8], [2], [2], [2], [2]])
    for (const tx of all) expect(() => tx.update([8], tx.init([0]))).toThrow('would block')
  })

  it('is update where nothing waits', async () => {
    const tx = sgd(0.5)
    expect(await updateAsync(tx)([1], tx.init([0]))).toEqual(tx.update([1], tx.init([0])))
  })

  it('rejects where update throws, and frees what was made until then', async () => {
    const failing = dividing(
      () => blocked(),
      async () => blocked(),
    )
    const tx = chain(scale(2), failing, scale(2))
    const grads = { w: tf.tensor1d([1, 2]) }
    const alive = tf.memory().numTensors
    expect(() => tx.update(grads, tx.init(grads))).toThrow('would block')
    await expect(updateAsync(tx)(grads, tx.init(grads))).rejects.toThrow('would block')
    await expect(stepAsync(tx, { donate: true })(grads, tx.init(grads), grads)).rejects.toThrow('would block')
    expect(tf.memory().numTensors).toBe(alive)
    expect(grads.w.isDisposed).toBe(false)
    dispose(grads)
  })
})

describe('stepAsync', () => {
  it('steps as step does, of rules and of what waits', async () => {
    const sync = dividing(
      () => 4,
      async () => 4,
    )
    const all: readonly GradientTransformation[] = [sgd(0.5), chain(sync, scale(-1))]
    for (const tx of all) {
      const params = { w: tf.tensor1d([1, 2]) }
      const before = tf.memory().numTensors
      const [one, state] = step(tx)(params, tx.init(params), params)
      const [other, next] = await stepAsync(tx)(params, tx.init(params), params)
      expect([...other.w.dataSync()]).toEqual([...one.w.dataSync()])
      expect(next).toEqual(state)
      dispose(one, other)
      expect(tf.memory().numTensors).toBe(before)
      const [taken] = await stepAsync(tx, { donate: true })(params, tx.init(params), params)
      expect(params.w.isDisposed).toBe(true)
      dispose(taken)
    }
  })
})
