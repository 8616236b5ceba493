import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  onFallback,
  sgd,
  step,
  zeros,
} from '../../../../src/index.js'
import { timeout } from '../../../laws/drawn.js'
import { transformationOf } from '../../../laws/randomRule.js'
import { asserting, isThorough } from '../../../laws/runs.js'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'
import { differences } from '../../../webgpu/difference.js'
import { block, bothWays } from '../../../webgpu/follow.js'
import { moderateRules, rulesOfAxes, wholeRules } from '../../../webgpu/randomRules.js'
import { complaintOf, numbersOf } from '../../../webgpu/read.js'
import {
  differing,
  differingByProducts,
  matrices,
  norms,
  ofMatrices,
  ofRows,
  sizes,
  transformations,
} from '../../../webgpu/trials.js'

describeOnWebgpu('on WebGPU', () => {
  let device: GPUDevice
  beforeAll(async () => {
    device = await useWebgpu()
  })

  describe.each(Object.entries(transformations))('%s', (_, tx) => {
    test('agrees with numbers over steps and leaves of every size, and leaves nothing behind', async () => {
      const before = tf.memory().numTensors
      expect(await differing(device, tx)).toEqual([])
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  test.each([
    ...Object.entries(ofRows).map(([name, tx]) => [name, tx, matrices] as const),
    ['norms of rows and columns', norms, sizes] as const,
  ])('%s agrees with numbers, fused, and leaves nothing behind', async (_, tx, on) => {
    const { numTensors } = tf.memory()
    const { fallbacks, launches } = kernelStatistics()
    expect(await differing(device, tx, on)).toEqual([])
    expect(kernelStatistics().fallbacks).toBe(fallbacks)
    expect(kernelStatistics().launches).toBeGreaterThan(launches)
    expect(tf.memory().numTensors).toBe(numTensors)
  })

  // their sums of squares read beyond buffers, which the quick device does not hold them from
  test.runIf(isThorough).each(Object.entries(ofMatrices))(
    '%s agrees with numbers, its products by operations, and leaves nothing behind',
    async (_, tx) => {
      const { numTensors } = tf.memory()
      expect(await differingByProducts(device, tx)).toEqual([])
      expect(tf.memory().numTensors).toBe(numTensors)
    },
  )

  test.each([
    ['sum', 'leaf'],
    ['sum', 'tree'],
    ['max of', 'leaf'],
    ['max of', 'tree'],
    ['norm', 'leaf'],
    ['norm', 'tree'],
  ] as const)('%s over a %s sees special values as numbers do, wherever they are', async (kind, over) => {
    const tx = transformationOf({ update: [kind, over, 'g'], m: 'm', l: [kind, over, 'p'], r: 'r' })
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])
      for (const place of [0, 255, 700]) {
        const some = block(701, (i) => (i === place ? x : -0))
        const [expected, given] = await bothWays(device, tx, {
          params: [some, block(3, () => -1)],
          grads: [[some, block(3, () => -2)]],
        })
        expect(differences(expected, given, { ulps: 0, near: 0 })).toEqual([])
      }
  })

  test(
    'random rules on whole numbers, with reductions and slots of every scope, are exact',
    () => fc.assert(wholeRules(device), asserting(20)),
    timeout,
  )

  test(
    'random rules of rows, columns and matrices on whole numbers are exact',
    () => fc.assert(rulesOfAxes(device), asserting(20)),
    timeout,
  )

  test(
    'random rules of IEEE operators agree on moderate numbers',
    () => fc.assert(moderateRules(device), asserting(20)),
    timeout,
  )

  test('is in order with operations of TensorFlow.js before and after it', async () => {
    const tx = sgd(0.5)
    const p = tf.tensor1d(new Float32Array(2000).fill(1))
    const g = tf.mul(p, 4)
    const [next] = step(tx)(p, tx.init(p), g)
    const after = tf.add(next, tf.square(p))
    p.dispose()
    // a tensor that takes the memory of the one that was given back
    const other = tf.fill([2000], 9)
    expect((await numbersOf(after))[0]?.every((x) => x === 0)).toBe(true)
    expect((await numbersOf(other))[0]?.every((x) => x === 9)).toBe(true)
    dispose(g, next, after, other)
  })

  test('takes tensors that are on another backend', async () => {
    await tf.setBackend('cpu')
    const p = tf.tensor1d([1, 2, 3])
    await tf.setBackend('webgpu')
    const tx = sgd(1)
    const [next] = step(tx)(p, tx.init(p), p)
    expect(await numbersOf(next)).toEqual([[0, 0, 0]])
    dispose(p, next)
  })

  test('a schedule, a learning rate and other shapes compile nothing: vectors and single elements', async () => {
    const make = (lr: number) =>
      chain(
        clipByGlobalNorm(lr),
        adamw((count) => lr / (1 + count)),
      )
    const run = (lr: number, n: number): void => {
      const tx = make(lr)
      const p = { a: tf.ones([n]), b: tf.ones([7]) }
      const state = tx.init(p)
      const first = step(tx)(p, state, p)
      const second = step(tx)(first[0], first[1], p)
      dispose(p, state, first, second)
    }
    run(0.1, 8)
    const { compilations } = kernelStatistics()
    run(0.2, 8)
    run(0.3, 600)
    expect(kernelStatistics().compilations).toBe(compilations)
  })

  test('a step launches at most one kernel per leaf, fewer where the buffers of several can be bound', async () => {
    const make = (n: number) =>
      Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i}`, tf.ones([n])] as const))
    const launches = (tx: GradientTransformation, n: number, donate: boolean): number => {
      const params = make(n)
      const first = step(tx)(params, tx.init(params), params)
      const before = kernelStatistics().launches
      const second = step(tx, { donate })(...first, make(n))
      const launched = kernelStatistics().launches - before
      dispose(params, first, second)
      return launched
    }
    const clipped = chain(clipByGlobalNorm(1), adamw(0.1))
    // seven tensors, or four in place; to reduce one, and a place for the shares
    expect(launches(adam(0.1), 64, false)).toBe(10)
    expect(launches(adam(0.1), 64, true)).toBe(5)
    expect(launches(sgd(0.1), 64, true)).toBe(3)
    expect(launches(clipped, 64, true)).toBe(2 + 1 + 5)
    // of large leaves each is alone
    const large = 1 << 20
    expect(launches(sgd(0.1), large, true)).toBe(10)
    expect(launches(clipped, large, true)).toBe(10 + 1 + 10)
  })

  test('a slot that stays as it is costs no kernel and no memory', async () => {
    const tx = fromRule({
      slots: { first: zeros },
      scalars: {},
      step: ({ g, first }) => ({ update: g, first }),
    })
    const p = tf.ones([100])
    const state = tx.init(p)
    const [{ launches }, { numDataBuffers }] = [kernelStatistics(), tf.memory()]
    const [updates, next] = tx.update(p, state)
    expect(kernelStatistics().launches).toBe(launches)
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers)
    dispose(state)
    expect(await numbersOf([updates, next])).toEqual([
      [...new Float32Array(100).fill(1)],
      [...new Float32Array(100)],
    ])
    dispose(p, updates, next)
  })

  test('with a backend that looks different it falls back, and says so', async () => {
    await useWebgpu()
    // TensorFlow.js makes it anew when it needs it
    Reflect.deleteProperty(tf.backend(), 'commandEncoder')
    const reasons: string[] = []
    const end = onFallback(({ reason }) => reasons.push(reason))
    const p = tf.tensor1d([1, 2, 3])
    const tx = sgd(1)
    const state = tx.init(p)
    expect(reasons).toEqual(['the WebGPU backend of TensorFlow.js does not look as expected'])
    const [next] = step(tx)(p, state, p)
    expect(await numbersOf(next)).toEqual([[0, 0, 0]])
    expect(reasons.length).toBe(2)
    end()
    dispose(p, next)
    device = await useWebgpu()
  })

  test('what a device cannot bind is computed by operations of TensorFlow.js, and said', async () => {
    const other = await useWebgpu({ maxStorageBuffersPerShaderStage: 2 })
    const reasons: string[] = []
    const end = onFallback(({ reason, term }) => reasons.push(`${reason}: ${term}`))
    const [p, g] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([3, 2, 1])]
    const tx = sgd(0.5)
    const [next, complaint] = await complaintOf(other, () => step(tx)(p, tx.init(p), g)[0])
    expect(complaint).toBeNull()
    expect(await numbersOf(next)).toEqual([[-0.5, 1, 2.5]])
    expect(reasons.length).toBe(1)
    expect(reasons[0]).toMatch(/Gradient/)
    end()
  })
})
