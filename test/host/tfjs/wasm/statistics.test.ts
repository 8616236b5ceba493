/** What is compiled and launched: one kernel per structure of a rule, one launch per pass and distinct plan. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  type KernelStatistics,
  kernelStatistics,
  lamb,
  masked,
  mix,
  norm,
  type Params,
  partition,
  sgd,
  step,
  zeros,
} from '../../../../src/index.js'
import { useBackend } from '../../../backends.js'

beforeAll(() => useBackend('wasm'))

/** What a call adds to the counts. */
const counted = (run: () => void): Omit<KernelStatistics, 'workerPieces'> => {
  const before = kernelStatistics()
  run()
  const after = kernelStatistics()
  return {
    compilations: after.compilations - before.compilations,
    hits: after.hits - before.hits,
    launches: after.launches - before.launches,
    fallbacks: after.fallbacks - before.fallbacks,
  }
}

type Shapes = Readonly<Record<string, readonly number[]>>

const ones = (shapes: Shapes): Params =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.ones([...shape])]))

/** Some steps from the start. */
const run = (tx: GradientTransformation, shapes: Shapes = { w: [3, 4], b: [4] }, steps = 1): void => {
  let params = ones(shapes)
  let state = tx.init(params)
  for (let i = 0; i < steps; i++)
    [params, state] = step(tx, { donate: true })<Params>(params, state, ones(shapes))
  dispose(params, state)
}

/** What a step alone launches, after a first one. */
const launches = (tx: GradientTransformation, shapes: Shapes = { w: [3, 4], b: [4], c: [5] }): number => {
  const params = ones(shapes)
  const [next, state] = step(tx, { donate: true })<Params>(params, tx.init(params), ones(shapes))
  const grads = ones(shapes)
  let result: unknown
  const { launches: count, fallbacks } = counted(() => {
    result = step(tx)<Params>(next, state, grads)
  })
  expect(fallbacks).toBe(0)
  dispose(next, state, grads, result)
  return count
}

const nothingNew = { compilations: 0, fallbacks: 0 }

describe('nothing is compiled', () => {
  it('for a second step, nor for a thousand', () => {
    run(adamw(0.1))
    expect(counted(() => run(adamw(0.1), undefined, 1000))).toMatchObject(nothingNew)
  })

  it('for another learning rate, a schedule, or other hyperparameters', () => {
    run(adam(0.1))
    for (const other of [
      adam(0.2),
      adam((count) => 0.5 ** count),
      adam(0.1, { b1: 0.5, b2: 0.75, eps: 0.5 }),
    ])
      expect(counted(() => run(other, undefined, 5))).toMatchObject(nothingNew)
  })

  it('for other shapes, and for more or fewer leaves', () => {
    run(chain(clipByGlobalNorm(1), adam(0.1)))
    for (const shapes of [
      { w: [3] },
      { w: [], x: [0], y: [100_000] },
      { a: [1, 2, 3, 4], b: [7], c: [7], d: [7] },
    ])
      expect(counted(() => run(chain(clipByGlobalNorm(1), adam(0.1)), shapes))).toMatchObject(nothingNew)
  })

  it('for a rule of the same structure, whatever its slots and scalars are called', () => {
    const one = fromRule({
      slots: { average: zeros },
      scalars: { decay: 0.875 },
      step: ({ g, average }, { decay }) => {
        const next = mix(decay, average, g.tanh())
        return { update: next.neg(), average: next }
      },
    })
    const other = fromRule({
      slots: { z: zeros },
      scalars: { b: 0.5 },
      step: ({ g, z }, { b }) => {
        const next = mix(b, z, g.tanh())
        return { update: next.neg(), z: next }
      },
    })
    expect(counted(() => run(one)).compilations).toBeGreaterThan(0)
    expect(counted(() => run(other))).toMatchObject(nothingNew)
  })
})

describe('a step launches', () => {
  it.each<readonly [string, GradientTransformation]>([
    ['sgd', sgd(0.1)],
    ['adamw', adamw(0.1)],
    ['a chain', chain(sgd(0.1, { momentum: 0.9 }), adam(0.1))],
  ])('one kernel for all leaves of %s', (_, tx) => {
    expect(launches(tx)).toBe(1)
  })

  it.each<readonly [string, GradientTransformation]>([
    ['a norm of the tree', chain(clipByGlobalNorm(1), adamw(0.1))],
    ['two norms of leaves that do not depend on each other', fromRuleOfTwoNorms()],
  ])('one more for %s', (_, tx) => {
    expect(launches(tx)).toBe(2)
  })

  it('one more for each stage of reductions that waits for the one before', () => {
    // the norm of an update that was clipped by a norm
    expect(launches(chain(clipByGlobalNorm(1), lamb(0.1)))).toBe(3)
  })

  it('one for each distinct rule of a partition', () => {
    const tx = partition({ one: sgd(0.1), two: adam(0.1) }, ({ shape }) => (shape.length > 1 ? 'one' : 'two'))
    expect(launches(tx)).toBe(2)
    expect(launches(tx, { w: [3, 4], v: [2, 2] })).toBe(1)
  })

  it('none for leaves that only keep what they have', () => {
    expect(
      launches(
        masked(adam(0.1), () => false),
        { w: [2] },
      ),
    ).toBeLessThanOrEqual(1)
    const params = ones({ w: [3] })
    const state = adam(0.1).init(params)
    let result: unknown
    expect(counted(() => (result = step(adam(0.1))<Params>(params, state, { w: null }))).launches).toBe(0)
    dispose(params, state, result)
  })

  it('one kernel on numbers and arrays, and none for zeros', () => {
    const x = Float32Array.of(1, 2)
    const state = adam(0.1).init(x)
    expect(counted(() => adam(0.1).init(x)).launches).toBe(0)
    expect(counted(() => adam(0.1).update(x, state))).toMatchObject({ fallbacks: 0, launches: 1 })
  })
})

function fromRuleOfTwoNorms(): GradientTransformation {
  return fromRule({
    slots: {},
    scalars: {},
    step: ({ g, p }) => ({ update: g.mul(norm(p, 'leaf')).div(norm(g, 'leaf').add(1)) }),
  })
}
