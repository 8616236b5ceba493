import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Block, type Trial, trial } from '../../../laws/index.js'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  constant,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  type LeafSpec,
  lamb,
  masked,
  max,
  onFallback,
  partition,
  rprop,
  sgd,
  slot,
  step,
  sum,
  tree,
  zeros,
} from '../../../src/index.js'
import { ruleSketch, transformationOf, type Vocabulary } from '../../laws/randomRule.js'
import { asserting } from '../../laws/runs.js'
import { complaintOf, describeOnWebgpu, numbersOf, useWebgpu } from '../../webgpu/device.js'
import { differences } from '../../webgpu/difference.js'
import { block, bothWays } from '../../webgpu/follow.js'

/** Sizes around those of vectors and workgroups, a scalar, an empty leaf, and one that needs many workgroups. */
const several: Trial = {
  params: {
    one: block(1, () => 0.5),
    scalar: new Block([], Float64Array.of(-1.5)),
    none: block(0, () => 0),
    odd: block(7, (i) => i - 3),
    group: block(256, (i) => Math.sin(i)),
    more: block(257, (i) => Math.cos(i)),
    many: new Block([3, 7001], block(21003, (i) => Math.sin(i * i)).data),
  },
  grads: [0.3, -0.7, 1.9].map((k) => ({
    one: block(1, () => k),
    scalar: new Block([], Float64Array.of(k)),
    none: block(0, () => 0),
    odd: block(7, (i) => k * (i - 2)),
    group: block(256, (i) => Math.cos(k * i)),
    more: block(257, (i) => Math.sin(k * i)),
    many: new Block([3, 7001], block(21003, (i) => Math.cos(k * i) / (1 + (i % 5))).data),
  })),
}

/** A rule with a slot of each scope, of which each reads the others. */
const everyScope: GradientTransformation = fromRule({
  slots: { m: zeros, l: slot('leaf', 0.5), r: slot('tree', 2) },
  scalars: ({ t }) => ({ t }),
  step: ({ g, p, m, l, r }, { t }) => {
    const norm = sum(g.square(), 'leaf').sqrt()
    const all = sum(p.mul(norm), 'tree').abs()
    return {
      update: g.mul(l).add(m.div(r)).sub(all.mul(0.001)),
      m: m.mul(0.5).add(g.div(t)),
      l: l.mul(0.9).add(norm),
      r: r.add(max(g, 'tree')).add(all.mul(0.01)),
    }
  },
})

const ofNarrower: GradientTransformation = fromRule({
  slots: { l: slot('leaf', 1), r: slot('tree', 1) },
  scalars: { k: 0.25 },
  step: ({ g, l, r }, { k }) => ({
    update: g.mul(max(constant(3), 'leaf')).add(sum(k, 'tree')),
    // once per element: these count elements
    l: sum(constant(1), 'leaf'),
    r: sum(l, 'tree').add(r.mul(0)),
  }),
})

const byLabel = ({ path }: LeafSpec): 'odd' | 'rest' => (path[0] === 'odd' ? 'odd' : 'rest')

const named: Readonly<Record<string, GradientTransformation>> = {
  adam: adam(0.1),
  rprop: rprop(0.1),
  'clip by global norm, then adamw': chain(clipByGlobalNorm(0.5), adamw(0.1)),
  lamb: lamb(0.1),
  'slots of every scope': everyScope,
  'reductions of what is narrower than an element': ofNarrower,
  masked: masked(adam(0.1), ({ path }) => path[0] !== 'many'),
  partition: partition({ odd: lamb(0.1), rest: chain(clipByGlobalNorm(1), sgd(0.1)) }, byLabel),
}

// random rules whose results are whole numbers, so that the order of a sum does not matter

const whole: Vocabulary = {
  unary: ['neg', 'abs', 'sign'],
  binary: ['add', 'sub', 'mul', 'min', 'max'],
  factors: 'atoms',
  reductions: true,
}

const ieee: Vocabulary = {
  unary: ['neg', 'abs', 'sqrt', 'sign'],
  binary: ['add', 'sub', 'mul', 'min', 'max'],
  factors: 'any',
  reductions: false,
}

const wholeTrial: fc.Arbitrary<Trial> = trial('tensor', { steps: 2 }).map(({ params, grads }) => {
  const rounded = tree.map(
    ({ shape, data }: Block) =>
      new Block(
        shape,
        data.map((x) => Math.round(2 * Math.sin(x)) + 0),
      ),
  )
  return { params: rounded(params), grads: grads.map(rounded) }
})

describeOnWebgpu('on WebGPU', () => {
  let device: GPUDevice
  beforeAll(async () => {
    device = await useWebgpu()
  })

  describe.each(Object.entries(named))('%s', (_, tx) => {
    test('agrees with numbers over steps and leaves of every size, and leaves nothing behind', async () => {
      const before = tf.memory().numTensors
      const [expected, given] = await bothWays(device, tx, several)
      expect(differences(expected, given, { ulps: 64, near: 1e-5 })).toEqual([])
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  test.each([
    ['sum', 'leaf'],
    ['sum', 'tree'],
    ['max of', 'leaf'],
    ['max of', 'tree'],
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

  test('random rules on whole numbers, with reductions and slots of every scope, are exact', async () => {
    await fc.assert(
      fc.asyncProperty(ruleSketch(whole), wholeTrial, async (rule, on) => {
        const [expected, given] = await bothWays(device, transformationOf(rule), on)
        fc.pre(expected.flat().every((x) => Math.abs(x) < 2 ** 18))
        expect(differences(expected, given, { ulps: 0, near: 0 })).toEqual([])
      }),
      asserting(40),
    )
  })

  test('random rules of IEEE operators agree on moderate numbers', async () => {
    await fc.assert(
      fc.asyncProperty(
        ruleSketch(ieee),
        trial('tensor', { grads: 'moderate', params: 'moderate', steps: 2 }),
        async (rule, on) => {
          const [expected, given] = await bothWays(device, transformationOf(rule), on)
          fc.pre(expected.flat().every((x) => x === 0 || Math.abs(x) > 2 ** -120))
          expect(differences(expected, given, { ulps: 0, near: 0 })).toEqual([])
        },
      ),
      asserting(20),
    )
  })

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

  test('a step launches one kernel per leaf, and per stage of reductions one per leaf and one more', async () => {
    const leaves = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`p${i}`, tf.ones([10 + i])] as const),
    )
    const launches = (tx: GradientTransformation): number => {
      const state = tx.init(leaves)
      const before = kernelStatistics().launches
      const after = step(tx)(leaves, state, leaves)
      dispose(state, after)
      return kernelStatistics().launches - before
    }
    expect(launches(adam(0.1))).toBe(10)
    expect(launches(chain(clipByGlobalNorm(1), adamw(0.1)))).toBe(10 + 10 + 1)
    dispose(leaves)
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
    const backend: object = tf.backend()
    const reasons: string[] = []
    const end = onFallback(({ reason }) => reasons.push(reason))
    const p = tf.tensor1d([1, 2, 3])
    const strange = new Proxy(backend, {
      get: (target, key) => (key === 'submitQueue' ? undefined : Reflect.get(target, key, target)),
      has: (target, key) => key !== 'submitQueue' && Reflect.has(target, key),
    })
    const { webgpuMemory } = await import('../../../src/interpret/webgpu/backend.js')
    expect(webgpuMemory(strange)).toBeNull()
    expect(webgpuMemory(backend)).not.toBeNull()
    end()
    p.dispose()
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
