import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import {
  adam,
  adaptiveGradClip,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  lamb,
  type NdArray,
  ndarray,
  onFallback,
  scaleBySm3,
  sgd,
  step,
  sum,
  zeros,
} from '../../../../src/index.js'
import { isThorough } from '../../../laws/runs.js'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'
import { differences } from '../../../webgpu/difference.js'
import { complaintOf, numbersOf } from '../../../webgpu/read.js'

/** Ten slots, of which each reads its neighbour: 23 tensors, of which one dispatch binds eight. */
const many: GradientTransformation = fromRule({
  slots: {
    a: zeros,
    b: zeros,
    c: zeros,
    d: zeros,
    e: zeros,
    f: zeros,
    h: zeros,
    i: zeros,
    j: zeros,
    k: zeros,
  },
  scalars: {},
  step: ({ g, p, a, b, c, d, e, f, h, i, j, k }) => ({
    update: g.sub(a).sub(p.mul(0.5)),
    a: b.add(g),
    b: c.add(1),
    c: d.add(a),
    d: e.add(2),
    e: f.add(b),
    f: h.add(3),
    h: i.add(c),
    i: j.add(4),
    j: k.add(sum(a.add(p), 'leaf')),
    k: a.add(k).add(sum(f.mul(h), 'tree')),
  }),
})

const numbers = (n: number, k: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => Math.round(8 * Math.sin(k * i)))

/** Four steps on tensors of some shapes, borrowed or donated, beside those on arrays. */
const apart = async (
  device: GPUDevice,
  tx: GradientTransformation,
  shapes: readonly (number | readonly number[])[],
  donate: boolean,
): Promise<readonly string[]> => {
  const arrays = (k: number): NdArray<Float32Array>[] =>
    shapes.map((of) => {
      const shape = typeof of === 'number' ? [of] : of
      const size = shape.reduce((all, n) => all * n, 1)
      return ndarray(Float32Array.from(numbers(size, k)), shape)
    })
  const tensors = (k: number): tf.Tensor[] => arrays(k).map(({ data, shape }) => tf.tensor(data, [...shape]))
  let [expected, state] = [arrays(0.7), tx.init(arrays(0.7))]
  const start = tensors(0.7)
  let [given, current] = [start, tx.init(start)]
  const [, complaint] = await complaintOf(device, () => {
    for (let t = 1; t <= 4; t++) {
      ;[expected, state] = step(tx)(expected, state, arrays(t))
      const [before, gradient] = [[given, current], tensors(t)]
      ;[given, current] = step(tx, { donate })(given, current, gradient)
      if (!donate) dispose(...before, gradient)
    }
  })
  expect(complaint).toBeNull()
  const found = differences(await numbersOf([expected, state]), await numbersOf([given, current]), {
    ulps: 32,
    near: 1e-5,
  })
  dispose(given, current)
  return found
}

describeOnWebgpu('within the limits of a device', () => {
  test.each([true, false])(
    'outputs are shared out among dispatches of eight buffers (donated: %s)',
    async (donate) => {
      const device = await useWebgpu()
      const { launches, fallbacks } = kernelStatistics()
      expect(await apart(device, many, [5, 64, 300], donate)).toEqual([])
      expect(kernelStatistics().fallbacks).toBe(fallbacks)
      expect(kernelStatistics().launches).toBeGreaterThan(launches + 4 * 3)
    },
  )

  test.each([4, 5, 6, 7])(
    'with %i buffers Adam, LAMB and clipping are the same',
    async (maxStorageBuffersPerShaderStage) => {
      const device = await useWebgpu({ maxStorageBuffersPerShaderStage })
      const { fallbacks } = kernelStatistics()
      for (const tx of [
        adam(0.1),
        chain(clipByGlobalNorm(1), adam(0.1)),
        sgd(0.1, { momentum: 0.9, nesterov: true }),
      ])
        for (const donate of [true, false]) expect(await apart(device, tx, [7, 260], donate)).toEqual([])
      if (maxStorageBuffersPerShaderStage >= 5) expect(kernelStatistics().fallbacks).toBe(fallbacks)
    },
  )

  test('a leaf that is larger than a binding is computed in windows', async () => {
    // 4 KiB: 1,024 elements
    const device = await useWebgpu({ maxStorageBufferBindingSize: 4096 })
    const { launches, fallbacks } = kernelStatistics()
    for (const tx of [adam(0.1), lamb(0.1), chain(clipByGlobalNorm(1), adam(0.1))])
      for (const donate of [true, false])
        expect(await apart(device, tx, [5000, 1024, 4096, 3], donate)).toEqual([])
    expect(kernelStatistics().fallbacks).toBe(fallbacks)
    // without reductions: 5 + 1 + 4 + 1 windows
    const tx = sgd(0.1)
    const [p, before] = [[5000, 1024, 4096, 3].map((n) => tf.ones([n])), kernelStatistics().launches]
    expect(before).toBeGreaterThan(launches)
    const [after] = step(tx)(p, tx.init(p), p)
    expect(kernelStatistics().launches - before).toBe(11)
    dispose(p, after)
  })

  test('few workgroups go through many elements', async () => {
    const device = await useWebgpu({ maxComputeWorkgroupsPerDimension: 2 })
    const { fallbacks } = kernelStatistics()
    for (const tx of [adam(0.1), lamb(0.1), chain(clipByGlobalNorm(1), adam(0.1))])
      expect(await apart(device, tx, [70_000, 69_999, 5, 3, 2], true)).toEqual([])
    expect(kernelStatistics().fallbacks).toBe(fallbacks)
  })

  /** Of what does not fit, the reasons: operations of TensorFlow.js compute it, right all the same. */
  const reasons = async (
    limits: Readonly<Record<string, number>>,
    tx: GradientTransformation,
    shapes: readonly (number | readonly number[])[],
  ): Promise<readonly string[]> => {
    const device = await useWebgpu(limits)
    const said = new Set<string>()
    const end = onFallback(({ interpreter, reason }) => said.add(`${interpreter}: ${reason}`))
    for (const donate of [true, false]) {
      const found = await apart(device, tx, shapes, donate)
      // sums of TensorFlow.js read beyond their buffers, which the quick device does not hold them from
      if (isThorough) expect(found).toEqual([])
    }
    end()
    return [...said]
  }

  test('a matrix of rows is refused as soon as it is larger than a binding, and not before', async () => {
    const limits = { maxStorageBufferBindingSize: 4096 }
    for (const tx of [scaleBySm3(), adaptiveGradClip(0.5)]) {
      expect(await reasons(limits, tx, [[4, 256], 5000])).toEqual([])
      for (const shape of [
        [4, 257],
        [1500, 2],
      ])
        expect(await reasons(limits, tx, [shape, 3])).toEqual([
          'webgpu: a leaf with rows and columns is larger than the 4096 bytes that a storage buffer binds',
        ])
    }
  })

  test('more leaves than there is room for, and more numbers, are refused', async () => {
    const leaves = new Array<number>(20).fill(3)
    expect(await reasons({ maxStorageBufferBindingSize: 4096 }, lamb(0.1), leaves)).toEqual([
      'webgpu: the tree has more leaves than the 4096 bytes of a buffer have room for',
    ])
    expect(await reasons({ maxUniformBufferBindingSize: 32 }, adam(0.1), [3])).toEqual([
      'webgpu: the tree has more scalars than the 32 bytes that a uniform buffer binds',
    ])
  })
})
