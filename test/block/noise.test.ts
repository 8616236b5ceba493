import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adam,
  addNoise,
  chain,
  dispose,
  type GradientTransformation,
  noisySgd,
  type Params,
  random,
  scale,
  step,
  tree,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

/** The updates of so many steps. */
const updatesOf = <P extends Params, S>(tx: GradientTransformation<S>, grads: P, steps: number): P[] => {
  let state = tx.init(grads)
  return Array.from({ length: steps }, () => {
    const [updates, next] = tx.update<P>(grads, state)
    state = next
    return updates
  })
}

const variance = (values: Float32Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length

const correlation = (x: Float32Array, y: Float32Array): number =>
  x.reduce((sum, each, i) => sum + each * (y[i] ?? Number.NaN), 0) /
  x.length /
  Math.sqrt(variance(x) * variance(y))

describe('addNoise', () => {
  // made by optax 0.2.8 on jax 0.10.2: add_noise(4.0, 0.5, key=7) on zeros
  const recorded = [
    {
      b: [-1.3805733919143677],
      w: [-1.4180132150650024, -0.569665253162384, 0.18188485503196716, 2.207777738571167],
      rngKey: [3625411723, 1954958720],
    },
    {
      b: [2.066056489944458],
      w: [-0.8372347354888916, 2.3628640174865723, -1.1705957651138306, -2.6597561836242676],
      rngKey: [2737751932, 2099591257],
    },
    {
      b: [0.7062854170799255],
      w: [0.44338369369506836, 2.06007719039917, 0.6860477924346924, -1.9586879014968872],
      rngKey: [2104974619, 1294875220],
    },
  ]

  it('adds what Optax adds, of the same seed', () => {
    const tx = addNoise(4, 0.5, { key: 7 })
    const zeros = { w: new Float32Array(4), b: new Float32Array(1) }
    let state = tx.init(zeros)
    for (const { w, b, rngKey } of recorded) {
      const [updates, next] = tx.update(zeros, state)
      for (const [found, expected] of [
        [updates.w, w],
        [updates.b, b],
      ] as const)
        for (const [i, x] of expected.entries()) expect(found[i]).toBeCloseTo(x, 5)
      expect(next.rngKey).toEqual(rngKey)
      state = next
    }
    expect(state.count).toBe(3)
  })

  it('draws leaves in the order of their paths, whatever the order of keys', () => {
    const tx = addNoise(1, 0)
    const [ab] = tx.update({ a: 0, b: 0 }, tx.init(null))
    const [ba] = tx.update({ b: 0, a: 0 }, tx.init(null))
    expect(ab).toEqual(ba)
    expect(ab.a).not.toBe(ab.b)
  })

  it('has a variance of η/t^γ, step by step', () => {
    const [eta, gamma, n] = [0.25, 1.5, 20_000]
    const updates = updatesOf(addNoise(eta, gamma), new Float32Array(n), 6)
    for (const [i, noise] of updates.entries()) {
      const expected = eta / (i + 1) ** gamma
      expect(Math.abs(variance(noise) / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
      expect(Math.abs(noise.reduce((sum, x) => sum + x, 0) / n)).toBeLessThan(4 * Math.sqrt(expected / n))
    }
  })

  it('is independent between leaves, steps and seeds', () => {
    const n = 20_000
    const zeros = { a: new Float32Array(n), b: new Float32Array(n) }
    const [first, second] = updatesOf(addNoise(1, 0), zeros, 2)
    const [other] = updatesOf(addNoise(1, 0, { key: 1 }), zeros, 1)
    const all = [first, second, other].flatMap((each) => (each === undefined ? [] : [each.a, each.b]))
    expect(all).toHaveLength(6)
    for (const [i, x] of all.entries())
      for (const y of all.slice(i + 1)) expect(Math.abs(correlation(x, y))).toBeLessThan(4 / Math.sqrt(n))
  })

  it('goes on bit for bit from a state that was written down', () => {
    const tx = chain(addNoise(0.1, 0.55, { key: [1, 2] }), adam(0.1))
    const params = { w: [1, 2], b: 3 }
    const run = (steps: number, from: readonly [typeof params, ReturnType<typeof tx.init>]) => {
      let [at, state] = from
      for (let i = 0; i < steps; i++) [at, state] = step(tx)(at, state, at)
      return [at, state] as const
    }
    const start = [params, tx.init(params)] as const
    const half = run(3, start)
    expect(run(4, JSON.parse(JSON.stringify(half)))).toEqual(run(7, start))
  })

  it('adds the same numbers to every kind of leaf', () => {
    const tx = addNoise(1, 0, { seed: 5 })
    const [[one], [two], [three]] = [
      tx.update(new Float32Array(3), tx.init(null)),
      tx.update(new Float64Array(3), tx.init(null)),
      tx.update(0, tx.init(null)),
    ]
    expect([...two]).toEqual([...one])
    expect(three).toBe(one[0])
  })

  it('of variance 0 leaves the updates as they are, negative zeros too', () => {
    const tx = addNoise(0, 0.55)
    expect(tx.update([-0, 1e-30], tx.init(null))[0]).toEqual([-0, 1e-30])
  })

  it.each([
    ['addNoise.eta', () => addNoise(-1, 1)],
    ['addNoise.eta', () => addNoise(Number.NaN, 1)],
    ['addNoise.gamma', () => addNoise(1, Number.NaN)],
    ['addNoise.key', () => addNoise(1, 1, { key: 0.5 })],
    ['addNoise.key', () => addNoise(1, 1, { key: [1, -1] })],
    ['addNoise.key', () => addNoise(1, 1, { key: [1, 2 ** 32] })],
    ['addNoise.seed', () => addNoise(1, 1, { seed: Number.POSITIVE_INFINITY })],
    ['addNoise.seed', () => addNoise(1, 1, { key: 1, seed: 1 })],
    ['addNoise.eta', () => noisySgd(0.1, { eta: -1 })],
  ])('refuses %s out of range', (path, make) => {
    expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path })
  })

  it('refuses a state that is none', () => {
    const tx = addNoise(1, 1)
    const states: readonly unknown[] = [{}, null, { count: 0, rngKey: [1] }, { count: 0, rngKey: [1, 0.5] }]
    for (const state of states)
      expect(thrown(() => tx.update(1, state as ReturnType<typeof tx.init>))).toMatchObject({
        _tag: 'TreeMismatch',
        path: 'state.rngKey',
      })
  })
})

describe.each(backends)('with tensors on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  it('the noise is that of arrays, bit for bit, and no tensor is left', () => {
    const tx = chain(addNoise(0.5, 0.55, { key: 3 }), scale(-0.125))
    const values = Float32Array.from({ length: 6 }, (_, i) => i - 2.5)
    const [plain = null] = updatesOf(tx, { w: values }, 1)
    const grads = { w: tf.tensor2d(values, [2, 3]) }
    const left = tensorsLeft(() => {
      const [updates] = tx.update<Params>(grads, tx.init(grads))
      expect(tree.leaves(updates).flatMap(([, leaf]) => numbers(leaf))).toEqual([...(plain?.w ?? [])])
      dispose(updates)
    })
    expect(left).toBe(0)
    dispose(grads)
  })

  it('what is no gradient is refused before a number is drawn, and no tensor is left', () => {
    const [whole, gone] = [tf.tensor1d([1], 'int32'), tf.tensor1d([1])]
    gone.dispose()
    const tx = addNoise(1, 1)
    const left = tensorsLeft(() => {
      expect(thrown(() => tx.update({ w: whole }, tx.init(null)))).toMatchObject({
        _tag: 'DtypeMismatch',
        path: 'grads.w',
      })
      expect(thrown(() => tx.update({ w: gone }, tx.init(null)))).toMatchObject({
        _tag: 'Disposed',
        path: 'grads.w',
      })
    })
    expect(left).toBe(0)
    whole.dispose()
  })
})

describe('a sampler', () => {
  it('gives as many numbers as were wanted', () => {
    const few = (): Float32Array => new Float32Array(1)
    expect(thrown(() => tree.randomLike(random.key(0), { w: new Float32Array(2) }, few))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'sampler',
    })
  })
})
