/** The history of L-BFGS: what it forgets, what it leaves out, and where it computes. */
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { dispose, kernelStatistics, scaleByLbfgs } from '../../src/index.js'
import { useBackend } from '../backends.js'

describe('scaleByLbfgs', () => {
  it('forgets what is older than its memory', () => {
    const tx = scaleByLbfgs({ memorySize: 2 })
    const visited = (first: number): Float64Array => {
      const points = [
        [first, 1],
        [2, 0.5],
        [0.5, -1],
        [0.25, 2],
      ].map((x) => Float64Array.from(x))
      let state = tx.init(Float64Array.of(0, 0))
      let update = Float64Array.of()
      // the gradient of x⁴/4
      for (const p of points)
        [update, state] = tx.update(
          p.map((x) => x ** 3),
          state,
          p,
        )
      return update
    }
    expect(visited(3)).toEqual(visited(-5))
    expect(visited(3).every(Number.isFinite)).toBe(true)
  })

  it('leaves a step out whose curvature is too small to divide by', () => {
    const tx = scaleByLbfgs()
    const [, state] = tx.update(1e-160, tx.init(1e-160), 1e-160)
    const [update, next] = tx.update(2e-160, state, 2e-160)
    expect(next.weightsMemory[0]).toBe(0)
    expect(Number.isFinite(update)).toBe(true)
  })

  it('computes the same of few numbers, at once, as of many, in groups', () => {
    const walk = (memorySize: number, others: number): readonly (readonly number[])[] => {
      const tx = scaleByLbfgs({ memorySize })
      const at = (i: number) => ({
        a: Float64Array.from([1, 2, 3], (k) => Math.sin(k * i)),
        b: [Math.cos(i), i / 7],
        c: new Float64Array(others),
      })
      let state = tx.init(at(0))
      return Array.from({ length: 2 * memorySize + 3 }, (_, i) => {
        const [update, next] = tx.update(at(2 * i + 1), state, at(i))
        state = next
        return [...update.a, ...update.b]
      })
    }
    for (const memorySize of [1, 2, 7, 16, 17]) expect(walk(memorySize, 0)).toEqual(walk(memorySize, 500))
  })

  it('compiles nothing for few numbers', () => {
    const tx = scaleByLbfgs()
    const before = kernelStatistics()
    let state = tx.init(new Float64Array(128))
    for (let i = 0; i < 15; i++) {
      const p = Float64Array.from({ length: 128 }, (_, k) => Math.sin(k * i))
      ;[, state] = tx.update(
        p.map((x) => x ** 3),
        state,
        p,
      )
    }
    expect(kernelStatistics().compilations).toBe(before.compilations)
  })

  it('runs in fused kernels where there are some, and compiles none after the first steps', async () => {
    await useBackend('wasm')
    const tx = scaleByLbfgs({ memorySize: 3 })
    const points = [1, 2, 4, 3, 5, 7, 6, 8].map((x) => tf.tensor1d([x, 1, -x]))
    const before = kernelStatistics()
    let compiled = 0
    let state = tx.init(points[0] ?? null)
    for (const [i, p] of points.entries()) {
      const [update, next] = tx.update(p, state, p)
      dispose(update, state)
      state = next
      if (i === 3) compiled = kernelStatistics().compilations
    }
    const after = kernelStatistics()
    expect(after.fallbacks).toBe(before.fallbacks)
    expect(after.launches).toBeGreaterThan(before.launches)
    expect(after.compilations).toBe(compiled)
    dispose(points, state)
  })

  it('keeps inner products of tensors on the device', () => {
    const tx = scaleByLbfgs({ memorySize: 1 })
    const p = tf.tensor1d([1, 2])
    const state = tx.init(p)
    expect(state.weightsMemory[0]).toBeInstanceOf(tf.Tensor)
    dispose(p, state)
  })
})
