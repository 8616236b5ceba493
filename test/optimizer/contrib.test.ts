import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  adopt,
  type DogInitStep,
  dadaptAdamw,
  dispose,
  dog,
  dowg,
  type ExtraArgs,
  fromRule,
  type GradientTransformation,
  madgrad,
  momo,
  momoAdam,
  type Params,
  polyakSgd,
  prodigy,
  scaleByCocob,
  scaleByPolyak,
  sophia,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const squares = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.square() }) })

describe('what cannot be meant is refused where it is made', () => {
  // as plain JavaScript would call them
  const wrong = <T>(value: unknown): T => value as T

  it.each([
    ['prodigy.betas', () => prodigy(1, { betas: wrong([0.9]) })],
    ['dadaptAdamw.betas', () => dadaptAdamw(1, { betas: wrong(0.9) })],
    ['dog.initStep', () => dog(1, { initStep: wrong<DogInitStep>(['nearness', 1]) })],
    ['dog.initStep', () => dog(1, { initStep: wrong<DogInitStep>(1e-6) })],
    ['sophia.updateInterval', () => sophia(1, { hessianDiagonalFn: squares, updateInterval: 0 })],
    ['sophia.updateInterval', () => sophia(1, { hessianDiagonalFn: squares, updateInterval: 1.5 })],
    [
      'sophia.hessianDiagonalFn',
      () => sophia(1, wrong<Parameters<typeof sophia>[1]>({ hessianDiagonalFn: 1 })),
    ],
    ['scaleByPolyak.variant', () => scaleByPolyak({ variant: wrong('sps-') })],
    ['adopt.clipValueFn', () => adopt(1, { clipValueFn: wrong(1) })],
  ])('%s', (path, make) => {
    expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path })
  })
})

it.each([
  ['scaleByPolyak', scaleByPolyak()],
  ['polyakSgd', polyakSgd()],
  ['momo', momo()],
  ['momoAdam', momoAdam()],
])('%s says that it lacks the loss', (_, tx) => {
  const open = tx as GradientTransformation<unknown, ExtraArgs>
  expect(thrown(() => open.update([1], open.init([1]), [1]))).toMatchObject({
    _tag: 'MissingArgument',
    path: 'extraArgs.value',
  })
})

it.each([
  ['scaleByCocob', scaleByCocob()],
  ['dog', dog()],
  ['dowg', dowg()],
  ['madgrad', madgrad(0.1)],
  ['prodigy', prodigy()],
])('%s says that it lacks the parameters', (_, tx) => {
  const open = tx as GradientTransformation
  expect(thrown(() => open.update([1], open.init([1])))._tag).toBe('MissingParams')
})

it.each([
  ['prodigy', prodigy()],
  ['dadaptAdamw', dadaptAdamw()],
])('%s keeps its estimate while every gradient is zero, and learns afterwards', (_, tx) => {
  let state = tx.init([1, 1])
  for (let i = 0; i < 3; i++) state = tx.update([0, 0], state, [1, 1])[1]
  expect(state.estimLr).toBe(1e-6)
  const [updates] = tx.update([1, -1], state, [1, 1])
  expect(updates.map(Math.sign)).toEqual([-1, 1])
})

describe.each(backends)('Sophia with an estimate that is no rule, on the %s backend', (backend) => {
  it('runs it where it is taken, hands it what update was given, and leaves nothing behind', async () => {
    await useBackend(backend)
    const asked: unknown[] = []
    const estimate: GradientTransformation<{ readonly seen: Params }, { readonly scale: number }> = {
      init: () => ({ seen: tf.scalar(0) }),
      update: <P extends Params>(
        grads: P,
        { seen }: { readonly seen: Params },
        _: unknown,
        extra: unknown,
      ) => {
        asked.push(extra)
        const next = seen instanceof tf.Tensor ? tf.add(seen, 1) : seen
        // the test's gradients are one tensor
        return [(grads instanceof tf.Tensor ? tf.square(grads) : grads) as P, { seen: next }] as const
      },
    }
    const options = { b2: 0, gamma: 1, weightDecay: 0, updateInterval: 2, clipThreshold: 100 }
    const left = tensorsLeft(() => {
      const tx = sophia(1, { ...options, hessianDiagonalFn: estimate })
      const fused = sophia(1, { ...options, hessianDiagonalFn: squares })
      const p = tf.tensor1d([1, 2, 3])
      let [state, other] = [tx.init(p), fused.init(p)]
      for (let i = 1; i <= 4; i++) {
        const g = tf.tensor1d([i, -2, 0.5])
        const [updates, next] = tx.update(g, state, p, { scale: i })
        const [expected, following] = fused.update(g, other, p)
        expect(numbers(updates)).toEqual(numbers(expected))
        dispose(g, updates, expected, state, other)
        state = next
        other = following
      }
      expect(asked).toEqual([{ scale: 1 }, { scale: 3 }])
      expect(state[0].hessianFnState).toMatchObject({ count: 4 })
      dispose(p, state, other)
    })
    expect(left).toBe(0)
  })
})
