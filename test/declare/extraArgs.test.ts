import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  andThen,
  chain,
  dispose,
  fromRule,
  injectHyperparams,
  kernelStatistics,
  masked,
  norm,
  partition,
  sgd,
  step,
  zeros,
} from '../../src/index.js'
import { withInterpreter } from '../../src/tfjs/index.js'
import { backends, numbers, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

/** Polyak's step, on an average of the gradients. */
const polyak = fromRule({
  slots: { mu: zeros },
  scalars: { best: 0.5 },
  extraArgs: ['value'],
  step: ({ g, mu, value }, { best }) => {
    const next = mu.add(g).mul(0.5)
    return { update: next.mul(value.sub(best).div(norm(next, 'tree'))).neg(), mu: next }
  },
})

describe('an extra argument', () => {
  it('is a term of the rule', () => {
    const [updates, state] = polyak.update([6, 8], polyak.init([0, 0]), undefined, { value: 5.5 })
    expect(updates).toEqual([-3, -4])
    expect(state).toEqual({ mu: [3, 4] })
  })

  it('given as another number needs no other program', () => {
    const state = polyak.init([0, 0])
    const program = (value: number) => polyak.ruled?.resume(state, 'state', { value }).program
    expect(program(1)).toBe(program(2))
  })

  it('reaches the rule through every combinator', () => {
    const inMask = masked(polyak, () => true)
    const inPart = partition({ all: polyak, none: sgd(0.1) }, () => 'all')
    const inChain = chain(andThen(polyak)(sgd(-1)), sgd(-1))
    const injected = injectHyperparams((_: { readonly x: number }) => polyak)({ x: 1 })
    const extra = { value: 5.5, other: 'left alone' }
    for (const update of [
      inMask.update([6, 8], inMask.init([0, 0]), undefined, extra),
      inPart.update([6, 8], inPart.init([0, 0]), undefined, extra),
      inChain.update([6, 8], inChain.init([0, 0]), undefined, extra),
      injected.update([6, 8], injected.init([0, 0]), undefined, extra),
    ])
      expect(update[0]).toEqual([-3, -4])
    expect(step(inChain)([1, 1], inChain.init([0, 0]), [6, 8], extra)[0]).toEqual([-2, -3])
  })

  it('that is missing, of another type or of another kind than the leaves throws before anything is made', async () => {
    await useBackend('cpu')
    const state = polyak.init([0, 0])
    const given = (extra: object) => () => polyak.update([6, 8], state, undefined, extra as { value: number })
    expect(thrown(given({}))).toMatchObject({ _tag: 'MissingArgument', path: 'extraArgs.value' })
    expect(thrown(given({ value: '1' }))).toMatchObject({ _tag: 'InvalidArgument', path: 'extraArgs.value' })
    const vector = tf.tensor1d([1, 2])
    const scalar = tf.scalar(1)
    const alive = tf.memory().numTensors
    expect(thrown(given({ value: scalar }))).toMatchObject({ _tag: 'DtypeMismatch', path: 'extraArgs.value' })
    const tensors = { mu: vector }
    expect(thrown(() => polyak.update(vector, tensors, undefined, { value: vector }))).toMatchObject({
      _tag: 'ShapeMismatch',
      path: 'extraArgs.value',
    })
    const integer = tf.scalar(1, 'int32')
    expect(thrown(() => polyak.update(vector, tensors, undefined, { value: integer }))).toMatchObject({
      _tag: 'DtypeMismatch',
      path: 'extraArgs.value',
    })
    dispose(scalar, integer)
    expect(thrown(() => polyak.update(vector, tensors, undefined, { value: scalar }))).toMatchObject({
      _tag: 'Disposed',
      path: 'extraArgs.value',
    })
    expect(tf.memory().numTensors).toBe(alive - 1)
    vector.dispose()
  })

  it('may not have a name that is taken', () => {
    const make = (name: string) => () =>
      fromRule({
        slots: { mu: zeros },
        scalars: { lr: 1 },
        extraArgs: [name],
        step: ({ g, mu }) => ({ update: g, mu }),
      })
    for (const name of ['g', 'p', 'count', 'mu', 'lr'])
      expect(thrown(make(name))).toMatchObject({ _tag: 'InvalidArgument', path: 'fromRule.extraArgs' })
  })
})

describe.each(backends)('on the %s backend', (backend) => {
  it.each(['number', 'tensor'] as const)(
    'a %s as an extra argument gives the numbers of float64',
    async (kind) => {
      await useBackend(backend)
      const before = tf.memory().numTensors
      const value = kind === 'number' ? 5.5 : tf.scalar(5.5)
      const params = { w: tf.tensor1d([1, 1]) }
      const grads = { w: tf.tensor1d([6, 8]) }
      const state = polyak.init(params)
      const results = [
        step(polyak)(params, state, grads, { value }),
        withInterpreter('tensor', () => step(polyak)(params, state, grads, { value })),
      ]
      for (const [after, next] of results) {
        expect(numbers(after.w).map((x) => Math.round(x * 1e5) / 1e5)).toEqual([-2, -3])
        dispose(after, next)
      }
      const kernels = kernelStatistics().launches
      const [after, next] = step(polyak, { donate: true })(params, state, grads, { value })
      if (backend === 'wasm') expect(kernelStatistics().launches).toBeGreaterThan(kernels)
      expect(typeof value === 'number' || !value.isDisposed).toBe(true)
      dispose(after, next, value)
      expect(tf.memory().numTensors).toBe(before)
    },
  )
})
