import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  adam,
  applyUpdates,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  lookahead,
  lookaheadParams,
  parameter,
  reduceOnPlateau,
  sgd,
  slot,
  step,
  stepAsync,
  trace,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const ordinary = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
  init,
  update,
})

const ahead = <S>(fastOptimizer: GradientTransformation<S>, resetState = false) =>
  lookahead({ fastOptimizer, syncPeriod: 2, slowStepSize: 0.25, resetState })

const everyFloat = fc.float({
  noNaN: true,
  noDefaultInfinity: true,
  max: Math.fround(1e30),
  min: -Math.fround(1e30),
})

describe('after a sync', () => {
  it('fast and slow parameters are equal bit for bit, however far apart they were', () => {
    const element = fc.tuple(everyFloat, everyFloat, everyFloat)
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 9 }), (elements) => {
        for (const inner of [sgd(1), ordinary(sgd(1))]) {
          const tx = ahead(inner)
          const column = (i: 0 | 1 | 2) => Float32Array.from(elements, (each) => each[i])
          const params = { fast: column(0), slow: column(1) }
          const state = { ...tx.init(params), stepsSinceSync: 1 }
          const [{ fast, slow }] = step(tx)(params, state, column(2))
          expect(new Uint32Array(fast.buffer)).toEqual(new Uint32Array(slow.buffer))
        }
      }),
      { numRuns: 200, seed: 20 },
    )
  })

  it('they would not be if updates were added', () => {
    const tx = lookahead({ fastOptimizer: sgd(1), syncPeriod: 1, slowStepSize: 0.5 })
    const params = { fast: 1e8, slow: 1 / 3 }
    const [updates] = tx.update(1e8, tx.init(params), params)
    const { fast, slow } = applyUpdates(params, updates)
    expect(fast).not.toBe(0.5 * (1 / 3))
    expect(Math.abs(fast - slow)).toBeLessThan(1e-7)
    const [stepped] = step(tx)(params, tx.init(params), 1e8)
    expect(stepped.fast).toBe(stepped.slow)
  })
})

describe.each(backends)('on the %s backend', (backend) => {
  it('a step assigns, grows no memory with donated arguments, and is the same around an ordinary pair', async () => {
    await useBackend(backend)
    const results: unknown[] = []
    for (const inner of [adam(0.1), ordinary(adam(0.1))]) {
      const tx = ahead(inner)
      const inPlace = step(tx, { donate: true })
      const left = tensorsLeft(() => {
        const start = { w: tf.tensor1d([1, -2]), b: tf.tensor1d([3]) }
        let params = lookaheadParams(start)
        dispose(start)
        let state = tx.init(params)
        for (let i = 0; i < 4; i++) {
          const { numTensors } = tf.memory()
          const { launches, fallbacks } = kernelStatistics()
          const grads = { w: tf.tensor1d([1, 1e4]), b: tf.tensor1d([1e-4]) }
          ;[params, state] = inPlace(params, state, grads)
          if (backend === 'wasm' && inner.ruled !== undefined) {
            expect(kernelStatistics().launches - launches).toBe(1)
            expect(kernelStatistics().fallbacks).toBe(fallbacks)
          }
          expect(tf.memory().numTensors).toBe(numTensors)
          const same = numbers(params.fast.w).join() === numbers(params.slow.w).join()
          expect(same).toBe(i % 2 === 1)
        }
        results.push(numbers(params.slow.w).map((x) => Math.round(x * 1e4)))
        dispose(params, state)
      })
      expect(left).toBe(0)
    }
    expect(results[1]).toEqual(results[0])
  })

  it('an update leaves nothing behind, and has nothing for a leaf without a gradient', async () => {
    await useBackend(backend)
    for (const inner of [trace(0.5), ordinary(trace(0.5))]) {
      const tx = ahead(inner)
      const left = tensorsLeft(() => {
        const params = lookaheadParams({ a: 1, b: 2 })
        const tensors = {
          fast: { a: tf.scalar(1), b: tf.scalar(2) },
          slow: { a: tf.scalar(1), b: tf.scalar(2) },
        }
        const state = tx.init(tensors)
        const grads = { a: tf.scalar(4), b: null }
        const first = tx.update(grads, state, tensors)
        const second = tx.update(grads, first[1], tensors)
        expect(first[0]).toMatchObject({ fast: { b: null }, slow: { b: null } })
        expect(numbers(second[0].fast.a)).toEqual([1.5])
        dispose(tensors, state, grads, first, second)
        const [updates] = tx.update({ a: 4, b: null }, tx.init(params), params)
        expect(updates).toEqual({ fast: { a: 4, b: null }, slow: { a: 0, b: null } })
      })
      expect(left).toBe(0)
    }
  })
})

describe('lookahead', () => {
  it('starts the fast optimizer anew after a sync if it shall, from the parameters before it', () => {
    // a slot that remembers where it started
    const anchored = fromRule({
      slots: { start: slot('element', parameter) },
      scalars: ({ t }) => ({ t }),
      step: ({ g, start }, { t }) => ({ update: g.mul(t), start }),
    })
    for (const inner of [anchored, ordinary(anchored)]) {
      const tx = ahead(inner, true)
      let params = lookaheadParams({ w: 1 })
      let state = tx.init(params)
      ;[params, state] = step(tx)(params, state, { w: 1 })
      expect(state).toEqual({ fastState: { count: 1, start: { w: 1 } }, stepsSinceSync: 1 })
      ;[params, state] = step(tx)(params, state, { w: 1 })
      expect(state).toEqual({ fastState: { count: 0, start: { w: 2 } }, stepsSinceSync: 0 })
      expect(params).toEqual({ fast: { w: 1.75 }, slow: { w: 1.75 } })
    }
  })

  it('may be started with the fast parameters alone', () => {
    const tx = ahead(trace(0.5))
    expect(tx.init({ w: 1 })).toEqual(tx.init(lookaheadParams({ w: 1 })))
  })

  it('gives extra arguments to the fast optimizer, read where it needs them on the host', async () => {
    await useBackend('cpu')
    const tx = lookahead({
      fastOptimizer: reduceOnPlateau({ factor: 0.5, patience: 1 }),
      syncPeriod: 9,
      slowStepSize: 0.5,
    })
    const value = tf.scalar(1)
    const params = lookaheadParams(0)
    const [, state] = await tx.updateAsync(1, tx.init(params), params, { value })
    expect(await stepAsync(tx)(params, state, 1, { value })).toMatchObject([{ fast: 0.5, slow: 0 }, {}])
    // @ts-expect-error the value is missing
    expect(thrown(() => tx.update(1, state, params))._tag).toBe('MissingArgument')
    value.dispose()
  })

  it('takes pairs of parameters that fit each other', () => {
    const tx = ahead(sgd(1))
    const state = tx.init({ w: 1 })
    expect(thrown(() => step(tx)({ w: 1 }, state, { w: 1 }))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'params',
    })
    expect(thrown(() => tx.update(1, state, undefined as never))._tag).toBe('MissingParams')
    const odd = { fast: { w: Float64Array.of(1) }, slow: { w: Float64Array.of(1, 2) } }
    expect(thrown(() => step(tx)(odd, state, { w: Float64Array.of(1) }))).toMatchObject({
      _tag: 'ShapeMismatch',
      path: 'params.slow.w',
    })
    const stateless = { fastState: state.fastState } as typeof state
    expect(thrown(() => step(tx)(lookaheadParams(1), stateless, 1))).toMatchObject({
      _tag: 'InvalidLeaf',
      path: 'state.stepsSinceSync',
    })
  })

  it('has a period of whole steps, and takes no unknown option', () => {
    for (const syncPeriod of [0, 1.5])
      expect(thrown(() => lookahead({ fastOptimizer: sgd(1), syncPeriod, slowStepSize: 0.5 }))).toMatchObject(
        { _tag: 'InvalidArgument', path: 'lookahead.syncPeriod' },
      )
    expect(thrown(() => lookahead({ fastOptimizer: sgd(1) } as never))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'lookahead.syncPeriod',
    })
  })

  it('whose fast optimizer throws frees what was made until then', async () => {
    await useBackend('cpu')
    const failing: GradientTransformation<number> = {
      init: () => 0,
      update: () => {
        throw new Error('no')
      },
    }
    const params = lookaheadParams({ w: tf.scalar(1) })
    const tx = ahead(failing)
    expect(
      tensorsLeft(() => {
        expect(() => step(tx, { donate: true })(params, tx.init(params), params.fast)).toThrow('no')
      }),
    ).toBe(0)
    expect(params.fast.w.isDisposed).toBe(false)
    dispose(params)
  })
})
