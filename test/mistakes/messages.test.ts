/** Mistakes that are easily made, and what is said of them: what it was, and what to write. */

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import {
  adam,
  adamw,
  centralize,
  chain,
  differentiallyPrivateAggregate,
  dpsgd,
  fromRuleAround,
  type GradientTransformation,
  identity,
  injectHyperparams,
  lars,
  latex,
  lookahead,
  masked,
  multiSteps,
  namedChain,
  type Params,
  projections,
  scheduleFree,
  scheduleFreeEvalParams,
  sgd,
  step,
  stepAsync,
  stepState,
  tree,
  updateAsync,
  updateState,
} from '../../src/index.js'
import { exponentialMovingAverage, toOptimizer, trainStep, valueAndGrad } from '../../src/tfjs/index.js'
import { tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'
import { factory } from './calls.js'

beforeAll(() => useBackend('cpu'))

const loose = (f: unknown): ((...args: readonly unknown[]) => unknown) =>
  // as a caller without a compiler sees it
  f as (...args: readonly unknown[]) => unknown

const model = (): tf.Sequential =>
  tf.sequential({ layers: [tf.layers.dense({ name: 'line', units: 1, inputShape: [1] })] })

describe('a factory where a transformation is expected is named at once, and how it is called', () => {
  const spec = { slots: {}, scalars: {}, step: ({ u }: { readonly u: unknown }) => ({ update: u }) }

  test.each<readonly [path: string, give: (factory: unknown) => unknown]>([
    ['step', (f) => loose(step)(f)],
    ['stepAsync', (f) => loose(stepAsync)(f)],
    ['updateAsync', (f) => loose(updateAsync)(f)],
    ['updateState', (f) => loose(updateState)(f)],
    ['stepState', (f) => loose(stepState)(f)],
    ['toOptimizer', (f) => loose(toOptimizer)(f)],
    ['latex', (f) => loose(latex)(f)],
    ['tree.mapParams', (f) => loose(tree.mapParams)(f, (x: unknown) => x, {}, {})],
    ['fromRuleAround.inner', (f) => loose(fromRuleAround)('u', f, spec)],
    ['chain.1', (f) => factory('chain')(sgd(1), f)],
    ['andThen.second', (f) => factory('andThen')(f)],
    ['namedChain.a', (f) => factory('namedChain')(['a', f])],
    ['partition.transforms.a', (f) => factory('partition')({ a: f }, 'a')],
    ['masked.inner', (f) => factory('masked')(f, true)],
    ['flatten.inner', (f) => factory('flatten')(f)],
    ['selectiveTransform.optimizer', (f) => factory('selectiveTransform')(f, true)],
    ['multiSteps.inner', (f) => factory('multiSteps')(f, 2)],
    ['applyIfFinite.inner', (f) => factory('applyIfFinite')(f, 2)],
    ['conditionallyMask.inner', (f) => factory('conditionallyMask')(f, () => true)],
    ['conditionallyTransform.inner', (f) => factory('conditionallyTransform')(f, () => true)],
    ['maybeUpdate.inner', (f) => factory('maybeUpdate')(f, () => true)],
    ['scheduleFree.baseOptimizer', (f) => factory('scheduleFree')(f, 0.1)],
    ['mechanize.baseOptimizer', (f) => factory('mechanize')(f)],
    ['sam.optimizer', (f) => factory('sam')(f, sgd(1))],
    ['sam.advOptimizer', (f) => factory('sam')(sgd(1), f)],
    [
      'lookahead.fastOptimizer',
      (f) => factory('lookahead')({ fastOptimizer: f, syncPeriod: 2, slowStepSize: 0.5 }),
    ],
    ['injectHyperparams.inner', (f) => loose(injectHyperparams(() => f as GradientTransformation))({})],
  ])('%s', (path, give) => {
    expect(thrown(() => give(adam))).toMatchObject({
      _tag: 'InvalidArgument',
      path,
      expected: 'a transformation',
      given: 'the function adam, which makes one: call it, as adam(…)',
    })
    expect(thrown(() => give(() => sgd(1))).given).toContain('call it, as f(…)')
    for (const wrong of [undefined, null, 1, {}, 'adam'])
      expect(thrown(() => give(wrong))).toMatchObject({ _tag: 'InvalidArgument', path })
  })

  test('trainStep', () => {
    expect(
      tensorsLeft(() => {
        const line = model()
        expect(thrown(() => loose(trainStep)(line, adam, { loss: 'meanSquaredError' })).path).toBe(
          'trainStep',
        )
        line.dispose()
      }),
    ).toBe(0)
  })

  test('what stands outermost is named where it does not', () => {
    const ahead = lookahead({ fastOptimizer: sgd(1), syncPeriod: 2, slowStepSize: 0.5 })
    expect(thrown(() => loose(chain)(ahead))).toMatchObject({
      path: 'chain.0',
      given: expect.stringContaining('outermost'),
    })
    expect(() => step(ahead)).not.toThrow()
  })
})

describe('parameters in the place of the options of a step', () => {
  test.each([
    ['a record', { w: 1 }, '{ w }'],
    ['a list', [1], 'an array'],
    ['an array', Float64Array.of(1), 'a Float64Array'],
    ['a misspelt option', { donated: true }, '{ donated }'],
  ])('%s', async (_, params, given) => {
    for (const [name, make] of [
      ['step', step],
      ['stepAsync', stepAsync],
    ] as const)
      expect(thrown(() => loose(make)(sgd(1), params, [], params))).toMatchObject({
        _tag: 'InvalidArgument',
        path: name,
        expected: `options, { donate }; parameters, state and gradients go to the function that ${name}(tx) returns`,
        given,
      })
  })
})

describe('the parameters that are missing are asked for by what reads them', () => {
  const missing = (tx: GradientTransformation): string => {
    const error = thrown(() => tx.update<Params>({ w: 1 }, tx.init({ w: 1 })))
    expect(error._tag).toBe('MissingParams')
    return error.expected
  }

  test.each<readonly [string, GradientTransformation, string]>([
    ['weight decay', adamw(0.1), 'parameters, as the third argument of update, for 1.weightDecay'],
    [
      'of a member',
      chain(identity(), adamw(0.1)),
      'parameters, as the third argument of update, for 1.1.weightDecay',
    ],
    ['a decay by norms', lars(0.1, { weightDecay: 0.1 }), 'weightDecay'],
  ])('%s', (_, tx, expected) => {
    expect(missing(tx)).toContain(expected)
  })
})

test('a tensor is no learning rate, and is told as one', () => {
  const left = tensorsLeft(() => {
    const rate = tf.scalar(0.1)
    for (const make of [adam, sgd, adamw] as const)
      expect(thrown(() => loose(make)(rate))).toMatchObject({
        _tag: 'InvalidArgument',
        expected: 'a finite number, or a schedule',
        given: 'a tensor',
      })
    rate.dispose()
  })
  expect(left).toBe(0)
})

test('a mask with something else in it is told by its path', () => {
  for (const [name, make] of [
    ['adamw.mask', (mask: unknown) => loose(adamw)(0.1, { mask })],
    ['lars.weightDecayMask', (mask: unknown) => loose(lars)(0.1, { weightDecayMask: mask })],
    ['addDecayedWeights.mask', (mask: unknown) => factory('addDecayedWeights')(0.1, { mask })],
    ['masked.mask', (mask: unknown) => loose(masked)(sgd(1), mask)],
  ] as const) {
    expect(thrown(() => make({ Dense: 1 }))).toMatchObject({
      _tag: 'InvalidArgument',
      path: `${name}.Dense`,
      expected: 'a boolean',
      given: '1',
    })
    expect(thrown(() => make({ a: true, b: [true, 'no'] })).path).toBe(`${name}.b.1`)
  }
})

describe('a Float32Array is told as one', () => {
  test.each<readonly [string, () => unknown, string]>([
    [
      'valueAndGrad',
      () => valueAndGrad(() => tf.scalar(0))({ w: Float32Array.of(1) } as never),
      'a Float32Array',
    ],
    ['valueAndGrad of a number', () => valueAndGrad(() => tf.scalar(0))({ w: 1 } as never), '1'],
    [
      'update',
      () => step(sgd(1))<Params>(Float64Array.of(1), sgd(1).init(1), Float32Array.of(1)),
      'a Float32Array',
    ],
  ])('%s', (_, call, given) => {
    expect(thrown(call)).toMatchObject({ _tag: 'DtypeMismatch', given })
  })
})

describe('a parameter of integers has no gradient, whatever is given', () => {
  test.each<readonly [string, GradientTransformation]>([
    ['a rule', sgd(0.1)],
    ['what is no rule', ordinary(centralize())],
    ['a wrapper of what is no rule', masked(ordinary(centralize()), true)],
  ])('%s', (_, tx) => {
    tf.tidy(() => {
      const params = { w: tf.ones([2, 2], 'int32'), v: tf.ones([2, 2]) }
      const state = tx.init(params)
      for (const dtype of ['float32', 'int32'] as const) {
        const grads = { w: tf.ones([2, 2], dtype), v: tf.ones([2, 2]) }
        expect(thrown(() => step(tx)<Params>(params, state, grads))).toMatchObject({
          _tag: 'DtypeMismatch',
          path: 'grads.w',
          expected: 'null, since a parameter of int32 is not trained; or a parameter of float32',
          given: `a tensor of ${dtype}`,
        })
      }
      const [after] = step(tx)<Params>(params, state, { w: null, v: tf.ones([2, 2]) })
      expect(tree.leaves<tf.Tensor>(after as never).map(([, leaf]) => leaf.dtype)).toEqual([
        'float32',
        'int32',
      ])
    })
  })
})

test('scheduleFreeEvalParams of an outer state says what it was given', () => {
  const tx = chain(identity(), scheduleFree(sgd(0.1), 0.1))
  const state = tx.init(1)
  for (const [given, what] of [
    [state, 'an array'],
    [{ inner: 1, outer: 2 }, 'a record of inner, outer'],
    [undefined, 'undefined'],
  ] as const)
    expect(thrown(() => loose(scheduleFreeEvalParams)(given, 1))).toMatchObject({
      _tag: 'TreeMismatch',
      path: 'state',
      expected: expect.stringContaining('z and b1'),
      given: what,
    })
  expect(scheduleFreeEvalParams(state[1], 1)).toBe(1)
})

describe('what takes a gradient for each example is no inner transformation of', () => {
  const private_ = dpsgd(0.1, { l2NormClip: 1, noiseMultiplier: 0, seed: 0 })

  test.each<readonly [path: string, give: (inner: unknown) => unknown]>([
    ['multiSteps.inner', (inner) => factory('multiSteps')(inner, 2)],
    ['flatten.inner', (inner) => factory('flatten')(inner)],
    ['mechanize.baseOptimizer', (inner) => factory('mechanize')(inner)],
    ['scheduleFree.baseOptimizer', (inner) => factory('scheduleFree')(inner, 0.1)],
    ['applyIfFinite.inner', (inner) => factory('applyIfFinite')(inner, 2)],
    ['conditionallyTransform.inner', (inner) => factory('conditionallyTransform')(inner, () => true)],
    ['conditionallyMask.inner', (inner) => factory('conditionallyMask')(inner, () => true)],
    ['maybeUpdate.inner', (inner) => factory('maybeUpdate')(inner, () => true)],
    ['scaleByGalore.baseOptimizer', (inner) => factory('scaleByGalore')({ baseOptimizer: inner })],
  ])('%s', (path, give) => {
    const injected = injectHyperparams((h: { readonly learningRate: number }) =>
      chain(differentiallyPrivateAggregate(1, 0), sgd(h.learningRate)),
    )({ learningRate: 1 })
    for (const inner of [
      private_,
      chain(private_, sgd(1)),
      differentiallyPrivateAggregate(1, 0),
      namedChain(['private', private_], ['rest', sgd(1)]),
      injected,
      masked(private_, true),
    ])
      expect(thrown(() => give(inner))).toMatchObject({
        _tag: 'InvalidArgument',
        path,
        expected: expect.stringContaining('chain(differentiallyPrivateAggregate(…), multiSteps('),
        given: 'one that takes a gradient for each example',
      })
  })

  test('and what is said instead works', () => {
    tf.tidy(() => {
      const tx = chain(differentiallyPrivateAggregate(10, 0, { seed: 0 }), multiSteps(sgd(1), 2))
      const w = tf.tensor1d([1, 2])
      const each = tf.tensor2d([
        [1, 0],
        [3, 2],
      ])
      const [none, state] = tx.update<tf.Tensor>(each, tx.init(w), w)
      const [update] = tx.update<tf.Tensor>(each, state, w)
      expect([[...none.dataSync()], [...update.dataSync()]]).toEqual([
        [0, 0],
        [-2, -1],
      ])
    })
  })
})

test('a tree without elements is in every ball, and on no sphere of the sum of sizes', () => {
  expect(projections.projectionL1Ball({})).toEqual(projections.projectionL2Ball({}))
  expect(projections.projectionL1Ball({ a: null, b: new Float64Array(0) })).toEqual({
    a: null,
    b: new Float64Array(0),
  })
  expect(thrown(() => projections.projectionL1Sphere({})).given).toBe('none')
  const left = tensorsLeft(() => {
    const none = tf.zeros([0])
    const same = projections.projectionL1Ball({ none })
    expect(same.none).not.toBe(none)
    tf.dispose([none, same.none])
  })
  expect(left).toBe(0)
})

test('an average that was disposed is not used again', () => {
  const left = tensorsLeft(() => {
    const line = model()
    const averages = exponentialMovingAverage(line, { decay: 0.5 })
    averages.update()
    averages.dispose()
    for (const use of [
      () => averages.update(),
      () => averages.averages(),
      () => averages.using(() => 1),
      () => averages.getState(),
      () => averages.setState({ count: 0, ema: {} }),
    ])
      expect(thrown(use)).toMatchObject({ _tag: 'Disposed', path: 'exponentialMovingAverage' })
    averages.dispose()
    line.dispose()
  })
  expect(left).toBe(0)
})
