import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  adam,
  chain,
  clip,
  conditionallyMask,
  conditionallyTransform,
  dispose,
  type GradientTransformation,
  kernelStatistics,
  maybeUpdate,
  namedChain,
  scale,
  scaleByAdam,
  selectiveTransform,
  step,
  trace,
} from '../../src/index.js'
import { numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const ordinary = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
  init,
  update,
})

describe('a condition', () => {
  it('is asked with the number of steps before, and with the extra arguments if they are forwarded', () => {
    const asked: unknown[] = []
    const condition = (...given: readonly unknown[]): boolean => asked.push(given) > 0
    for (const forwardExtraArgs of [false, true])
      for (const inner of [trace(0.9), ordinary(trace(0.9))]) {
        const tx = conditionallyTransform(inner, condition, { forwardExtraArgs })
        const [, state] = tx.update(1, tx.init(0), 0, { value: 7 })
        tx.update(1, state, 0, { value: 8 })
      }
    const [none, all] = [
      [0, {}],
      [1, {}],
    ]
    const forwarded = [
      [0, { value: 7 }],
      [1, { value: 8 }],
    ]
    expect(asked).toEqual([none, all, none, all, ...forwarded, ...forwarded])
  })

  it('that needs an extra argument must have it forwarded, and given', () => {
    const above = (_: number, { value }: { readonly value: number }): boolean => value > 1
    // @ts-expect-error the options are missing
    conditionallyMask(scale(2), above)
    const tx = conditionallyMask(scale(2), above, { forwardExtraArgs: true })
    // @ts-expect-error the value is missing
    expect(tx.update(1, tx.init(0))[0]).toBe(0)
    expect(tx.update(1, tx.init(0), 0, { value: 2 })[0]).toBe(2)
  })

  it('that gives something else than a boolean throws', () => {
    const odd = (() => 1) as never
    for (const inner of [scale(1), ordinary(scale(1))])
      for (const [tx, path] of [
        [conditionallyTransform(inner, odd), 'conditionallyTransform.shouldTransformFn'],
        [conditionallyMask(inner, odd), 'conditionallyMask.shouldTransformFn'],
        [maybeUpdate(inner, odd), 'maybeUpdate.shouldUpdateFn'],
      ] as const)
        expect(thrown(() => tx.update(1, tx.init(0)))).toMatchObject({
          _tag: 'InvalidArgument',
          path,
          given: '1',
        })
  })

  it('is not asked about another state, and takes no unknown option', () => {
    const tx = conditionallyMask(scale(1), () => true)
    expect(thrown(() => tx.update(1, {} as never))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'state.step',
    })
    expect(thrown(() => conditionallyMask(scale(1), () => true, { forward: true } as never))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'conditionallyMask.forward',
    })
  })
})

describe('where the condition does not hold', () => {
  it('counts, moments and a nested condition stay as they are', () => {
    const inner = conditionallyTransform(scaleByAdam(), (step) => step !== 1)
    const tx = conditionallyMask(inner, (step) => step % 2 === 0)
    let state = tx.init([1])
    const seen: unknown[] = []
    for (let i = 0; i < 5; i++) {
      const [[update], next] = tx.update([3], state)
      state = next
      seen.push([state.step, state.innerState.step, state.innerState.innerState.count, update === 0])
    }
    // the inner condition is asked in steps 0, 2 and 4 alone
    expect(seen).toEqual([
      [1, 1, 1, false],
      [2, 1, 1, true],
      [3, 2, 1, false],
      [4, 2, 1, true],
      [5, 3, 2, false],
    ])
  })

  it('a gradient that is not finite leaves zero', () => {
    const tx = conditionallyMask(scale(1), () => false)
    expect(tx.update([Number.NaN, null, -1], tx.init([0, 0, 0]))[0]).toEqual([0, null, 0])
  })

  it('a donating step grows no memory, around rules and an ordinary pair', async () => {
    await useBackend('wasm')
    for (const inner of [adam(0.1), ordinary(adam(0.1))]) {
      const tx = conditionallyMask(inner, (step) => step % 2 === 0)
      const left = tensorsLeft(() => {
        let params = { w: tf.tensor1d([1, 2]) }
        let state = tx.init(params)
        const { numBytes, numTensors } = tf.memory()
        for (let i = 0; i < 4; i++) {
          const before = numbers(params.w)
          ;[params, state] = step(tx, { donate: true })(params, state, { w: params.w.clone() })
          expect(tf.memory()).toMatchObject({ numBytes, numTensors })
          expect(numbers(params.w).join() === before.join()).toBe(i % 2 === 1)
        }
        dispose(params, state)
      })
      expect(left).toBe(0)
    }
  })
})

describe('a chain with a condition', () => {
  it('is one kernel in each step on WASM, whether the condition holds or not', async () => {
    await useBackend('wasm')
    const tx = chain(
      clip(1),
      conditionallyTransform(scaleByAdam(), (step) => step % 2 === 0),
      conditionallyMask(trace(0.9), (step) => step < 4),
      scale(-0.1),
    )
    let params = { w: tf.tensor1d([1, 2]), b: tf.tensor1d([3]) }
    let state = tx.init(params)
    const launches: number[] = []
    for (let i = 0; i < 6; i++) {
      const { launches: before, fallbacks } = kernelStatistics()
      ;[params, state] = step(tx, { donate: true })(params, state, {
        w: tf.tensor1d([2, -3]),
        b: tf.tensor1d([4]),
      })
      launches.push(kernelStatistics().launches - before)
      expect(kernelStatistics().fallbacks).toBe(fallbacks)
    }
    // from the fifth step on all updates are zero: there is nothing to compute but what the first condition chooses
    expect(launches.slice(0, 4)).toEqual([1, 1, 1, 1])
    expect(Math.max(...launches)).toBe(1)
    dispose(params, state)
  })
})

describe('namedChain', () => {
  it('has its members under their names, whatever these are', () => {
    const tx = namedChain(['2', trace(0.5)], ['1', scale(-1)], ['toString', trace(0)])
    const [update, state] = tx.update(3, tx.init(0))
    expect(update).toBe(-3)
    expect(state).toEqual({ 2: { trace: 3 }, 1: {}, toString: { trace: -3 } })
    expect(tx.ruled).toBeDefined()
  })

  it('takes a name once, and no odd one', () => {
    expect(thrown(() => namedChain(['a', scale(1)], ['a', scale(2)]))).toMatchObject({
      _tag: 'DuplicateName',
      path: 'namedChain.1',
    })
    for (const name of ['', 'a.b', '__proto__', 3 as never])
      expect(thrown(() => namedChain([name, scale(1)]))).toMatchObject({
        _tag: 'InvalidArgument',
        path: 'namedChain.0',
      })
  })

  it('says which state is missing', () => {
    const tx = namedChain(['a', scale(1)], ['b', trace(0.9)])
    expect(thrown(() => tx.update(1, { a: {} } as never))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'state.b',
    })
  })
})

describe('selectiveTransform', () => {
  it('says for which leaf the mask has nothing', () => {
    const tx = selectiveTransform(scale(1), { a: true })
    expect(thrown(() => tx.init({ a: 1, b: 2 }))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'freezeMask.b',
    })
  })
})
