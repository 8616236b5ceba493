/** Norms over the range of float32 on WebGPU, in the fused kernels and by operations of TensorFlow.js. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { clipByGlobalNorm, dispose, fromRule, norm, normalize, slot } from '../../../../src/index.js'
import { withInterpreter } from '../../../../src/tfjs/index.js'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'
import { numbersOf } from '../../../webgpu/read.js'

const lengths = fromRule({
  slots: { leaf: slot('leaf', 0), tree: slot('tree', 0) },
  scalars: {},
  step: ({ g }) => ({ update: g, leaf: norm(g, 'leaf'), tree: norm(g, 'tree') }),
})

/** From the smallest numbers that no device takes for zero to the largest. */
const exponents = [-124, -110, -90, -64, -50, -40, -30, -21, 0, 21, 40, 50, 63, 64, 90, 110, 124]

describeOnWebgpu('on WebGPU', () => {
  beforeAll(async () => {
    await useWebgpu()
  })

  describe.each(['webgpu', 'tensor'] as const)('interpreted by %s', (interpreter) => {
    /** The norms of a leaf, of the tree of it and another, and what normalizing and clipping make of the leaf. */
    const measured = async (x: readonly number[], other: readonly number[]): Promise<readonly number[]> => {
      const before = tf.memory().numTensors
      const g = [tf.tensor1d([...x]), tf.tensor1d([...other])] as const
      const all = withInterpreter(interpreter, () => {
        const start = lengths.init(g)
        const result = lengths.update(g, start)
        dispose(start)
        return [result, normalize().update(g, {}), clipByGlobalNorm(1).update(g, {})] as const
      })
      const [[, state], [unit], [clipped]] = all
      const numbers = await numbersOf([state.leaf, state.tree, unit, clipped])
      dispose(g, all)
      expect(tf.memory().numTensors).toBe(before)
      return numbers.flat()
    }

    test('they are right for every length', async () => {
      for (const k of exponents) {
        const c = 2 ** k
        const [leaf, other, all, ...rest] = await measured([0, 3 * c, 0, 0, 0], [0, 4 * c, 0, 0])
        expect([leaf, other, all], `2^${k}`).toEqual([3 * c, 4 * c, 5 * c])
        // the factor that operations have is below 2⁻¹²⁶ here, and counts as zero
        if (interpreter === 'tensor' && k > 123) continue
        const unit = [0, 0.6, 0, 0, 0, 0, 0.8, 0, 0]
        const clipped = 5 * c > 1 ? unit : [0, 3 * c, 0, 0, 0, 0, 4 * c, 0, 0]
        for (const [i, expected] of [...unit, ...clipped].entries())
          expect(Math.abs((rest[i] ?? Number.NaN) - expected), `2^${k}, ${i}`).toBeLessThanOrEqual(
            1e-6 * expected,
          )
      }
    })

    test('of many elements, of large beside small ones, of special ones, of none', async () => {
      const many = Array.from({ length: 3001 }, (_, i) => (i < 1600 ? 2 ** 100 : 0))
      expect((await measured(many, [2 ** -100])).slice(0, 3)).toEqual([
        40 * 2 ** 100,
        2 ** -100,
        40 * 2 ** 100,
      ])
      const small = many.map((x) => x * 2 ** -200)
      expect((await measured(small, [])).slice(0, 3)).toEqual([40 * 2 ** -100, 0, 40 * 2 ** -100])
      for (const special of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const expected = Math.abs(special)
        const given = await measured([1, 2 ** 100, special, 2 ** -100], [1])
        expect(given.slice(0, 3)).toEqual([expected, 1, expected])
      }
    })
  })
})
