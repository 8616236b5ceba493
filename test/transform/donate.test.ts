import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { catalogue, checkLaws, donatedStepIsStep } from '../../laws/index.js'
import { adamw, dispose, fromRule, kernelStatistics, max, type Params, slot, step } from '../../src/index.js'
import { backends, numbers, tensorsIn, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

const tx = adamw(0.1, { weightDecay: 0.25 })
const plain = step(tx)
const inPlace = step(tx, { donate: true })

const vector = (...x: readonly number[]): tf.Tensor => tf.tensor1d([...x])

/** Another tensor on the same memory; a clone is a copy on some backends. */
const view = (tensor: tf.Tensor): tf.Tensor => tf.reshape(tensor, tensor.shape)

/** All numbers of some trees. */
const numbersOf = (...trees: readonly unknown[]): readonly (readonly number[])[] =>
  trees.flatMap((each) =>
    each instanceof tf.Tensor || typeof each === 'number'
      ? [numbers(each)]
      : numbersOf(...Object.values(each ?? {})),
  )

/** Parameters, state and gradients. */
type Given = readonly [Params, ReturnType<typeof tx.init>, Params]

let fallbacks = 0

beforeEach(() => {
  fallbacks = kernelStatistics().fallbacks
})

afterEach(() => {
  expect(kernelStatistics().fallbacks).toBe(fallbacks)
})

describe.each(backends)('on %s, a donating step', (backend) => {
  beforeAll(() => useBackend(backend))

  it.each(catalogue.map((row) => [row.call, row] as const))(
    'of %s is the step without donation',
    (_, { make }) => {
      checkLaws(make(), [donatedStepIsStep], { kinds: ['tensor'], runs: 3, seed: 20 })
    },
  )

  it('disposes all that it was given, and refuses it afterwards', () => {
    const [w, g] = [vector(1, 2), vector(3, 4)]
    const state = tx.init({ w })
    const [next, after] = inPlace({ w }, state, { w: g })
    expect([w, g].every(({ isDisposed }) => isDisposed)).toBe(true)
    for (const call of [
      () => plain({ w }, after, next),
      () => plain(next, state, next),
      () => plain(next, after, { w: g }),
      () => inPlace({ w }, after, next),
    ])
      expect(thrown(call)._tag).toBe('Disposed')
    expect(() => w.dataSync()).toThrow()
    dispose(next, after)
  })

  it('names the consumed leaf', () => {
    const params = { deep: [vector(1)] }
    const [next, state] = inPlace(params, tx.init(params), { deep: [vector(1)] })
    expect(thrown(() => plain(params, state, next)).path).toBe('params.deep.0')
    dispose(next, state)
  })

  it('leaves clones and views of all that it consumes as they were', () => {
    let params = { w: vector(1, 2, 3, 4, 5) }
    let state = tx.init(params)
    const kept: (readonly [tf.Tensor, readonly number[]])[] = []
    for (let i = 0; i < 5; i++) {
      const grads = { w: vector(i, -i, 1, 0, 2) }
      for (const each of [params.w, grads.w, ...tensorsIn(state)])
        for (const held of [each.clone(), view(each)]) kept.push([held, numbers(held)])
      ;[params, state] = inPlace(params, state, grads)
    }
    for (const [held, before] of kept) expect(numbers(held)).toEqual(before)
    dispose(
      params,
      state,
      kept.map(([held]) => held),
    )
  })

  /** The results of both kinds of step, on trees that are made anew for each. */
  const both = (make: () => Given): readonly (readonly (readonly number[])[])[] =>
    [plain, inPlace].map((stepped) => {
      const given = make()
      const [next, after] = stepped<Params>(...given)
      const result = numbersOf(next, after)
      dispose(next, after, ...given)
      return result
    })

  it.each<readonly [string, () => Given]>([
    [
      'the same tensor twice in the parameters',
      () => {
        const w = vector(1, -2, 3)
        const params = { a: w, b: w }
        return [params, tx.init(params), { a: vector(1, 2, 3), b: vector(-1, 0, 1) }]
      },
    ],
    [
      'the same tensor in a leaf without a gradient',
      () => {
        const [w, v] = [vector(1, -2, 3), vector(4, 5, 6)]
        const params = { a: w, b: w, c: v, d: v }
        return [params, tx.init(params), { a: vector(1, 2, 3), b: null, c: null, d: vector(-1, 0, 1) }]
      },
    ],
    [
      'the slots of a leaf without a gradient, which are another one’s parameters',
      () => {
        const params = { a: vector(1, -2, 3), b: vector(4, 5, 6) }
        const [inner, ...rest] = tx.init(params)
        dispose(inner.mu)
        const mu = { a: vector(1, 0, 2), b: params.a }
        return [params, [{ ...inner, mu }, ...rest], { a: vector(1, 2, 3), b: null }]
      },
    ],
    [
      'parameters that are views of one memory',
      () => {
        const a = vector(1, 2, 3, 4)
        const params = { a, b: tf.reshape(a, [2, 2]), c: a.clone() }
        return [params, tx.init(params), { a: vector(1, 1, 1, 1), b: tf.ones([2, 2]), c: vector(0, 1, 0, 1) }]
      },
    ],
    [
      'gradients that are the parameters',
      () => {
        const params = { a: vector(1, 2, 3) }
        return [params, tx.init(params), params]
      },
    ],
    [
      'gradients that are the parameters of other leaves',
      () => {
        const params = { a: vector(1, 2, 3), b: vector(4, 5, 6), c: vector(7, 8, 9) }
        return [params, tx.init(params), { a: params.b, b: view(params.c), c: params.a }]
      },
    ],
    [
      'gradients that are the slots',
      () => {
        const params = { a: vector(1, 2, 3), b: vector(4, 5, 6) }
        const [inner, ...rest] = tx.init(params)
        dispose(inner.mu)
        const mu = { a: vector(1, 0, 2), b: vector(-1, 1, 3) }
        return [params, [{ ...inner, mu }, ...rest], { a: mu.b, b: mu.a }]
      },
    ],
    [
      'arrays beside tensors',
      () => {
        const params = { a: vector(1, 2, 3), b: Float32Array.of(4, 5), c: 6 }
        return [params, tx.init(params), { a: vector(1, 0, 1), b: Float32Array.of(0, 1), c: -1 }]
      },
    ],
    [
      'gradients that are views and clones of the parameters',
      () => {
        const params = { a: vector(1, 2, 3), b: vector(4, 5) }
        return [params, tx.init(params), { a: view(params.a), b: params.b.clone() }]
      },
    ],
    [
      'slots that share memory with each other, with parameters and gradients',
      () => {
        const a = vector(1, 2, 3)
        const [inner, ...rest] = tx.init({ a })
        dispose(inner.mu, inner.nu)
        return [{ a }, [{ ...inner, mu: { a: view(a) }, nu: { a: view(a) } }, ...rest], { a: view(a) }]
      },
    ],
    [
      'one tensor for both slots',
      () => {
        const a = vector(1, 2, 3)
        const [inner, ...rest] = tx.init({ a })
        dispose(inner.mu, inner.nu)
        const both = { a: vector(1, 2, 3) }
        return [{ a }, [{ ...inner, mu: both, nu: both }, ...rest], { a: vector(1, 1, 1) }]
      },
    ],
    [
      'empty leaves and scalars',
      () => {
        const params = { none: tf.zeros([0, 3]), one: tf.scalar(2), alone: [vector(1)] }
        return [params, tx.init(params), { none: tf.zeros([0, 3]), one: tf.scalar(1), alone: [vector(-1)] }]
      },
    ],
    [
      'leaves without a gradient',
      () => {
        const params = { a: vector(1, 2), b: vector(3), none: null }
        return [params, tx.init(params), { a: null, b: vector(1), none: null }]
      },
    ],
    [
      'no gradient at all',
      () => {
        const params = { a: vector(1, 2), b: vector(3) }
        return [params, tx.init(params), { a: null, b: null }]
      },
    ],
    [
      'integers, which are not trained',
      () => {
        const params = { a: vector(1, 2), steps: tf.tensor1d([7, 8], 'int32') }
        return [params, tx.init(params), { a: vector(1, 2), steps: null }]
      },
    ],
    [
      'tensors that tf.keep protects',
      () => {
        const params = { a: tf.keep(vector(1, 2)) }
        return [params, tx.init(params), { a: tf.keep(vector(3, 4)) }]
      },
    ],
  ])('with %s gives what the step without donation gives, and leaves no tensor behind', (_, make) => {
    let results: readonly (readonly (readonly number[])[])[] = []
    expect(
      tensorsLeft(() => {
        results = both(make)
      }),
    ).toBe(0)
    expect(results[1]).toEqual(results[0])
  })
})

const scoped = fromRule({
  slots: { m: slot('element', 0), l: slot('leaf', 0), r: slot('tree', 0) },
  scalars: {},
  step: ({ g, p, m, l, r }) => ({
    update: g.add(m).sub(l).mul(r).add(p),
    m: m.mul(2).add(g),
    l: max(m, 'leaf').add(r).add(l),
    r: max(g, 'tree').add(r).add(max(p, 'tree')),
  }),
})

describe.each(backends)('on %s, one tensor for everything that a step is given', (backend) => {
  beforeAll(() => useBackend(backend))

  it.each([1, 2])('in %d leaves, donated, gives what it gives otherwise', (leaves) => {
    const [expected, given] = [false, true].map((donate) => {
      const x = tf.scalar(3)
      const all = leaves === 1 ? { a: x } : { a: x, b: x }
      const result = step(scoped, { donate })<Params>(all, { m: all, l: all, r: x }, all)
      expect(x.isDisposed).toBe(donate)
      const found = numbersOf(result)
      dispose(result, x)
      return found
    })
    expect(given).toEqual(expected)
    expect(given).toHaveLength(3 * leaves + 1)
  })
})

// on the CPU, operator by operator, every result is fresh
describe('on wasm, a donating step', () => {
  beforeAll(() => useBackend('wasm'))

  it('writes over memory that nobody else holds', () => {
    let params = { w: vector(1, 2) }
    let state = tx.init(params)
    const places = (): readonly object[] => [params.w, ...tensorsIn(state)].map(({ dataId }) => dataId)
    const before = places()
    for (let i = 0; i < 3; i++) [params, state] = inPlace(params, state, { w: vector(1, 1) })
    expect(places().every((place, i) => place === before[i])).toBe(true)
    dispose(params, state)
  })
})
