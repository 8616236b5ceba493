import { ordinary } from '../../laws/catalogue/surrounding.js'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import {
  centralize,
  chain,
  clipByGlobalNorm,
  ema,
  injectHyperparams,
  masked,
  max,
  measureWithEma,
  monitor,
  norm,
  partition,
  scale,
  setToZero,
  sgd,
  snapshot,
  step,
} from '../../src/index.js'
import { thrown } from '../thrown.js'

beforeAll(async () => void (await tf.setBackend('cpu')))

const length = snapshot('norm', (u) => norm(u, 'tree'))

describe('a snapshot', () => {
  test('sees what the chain has made of the gradients at its place', () => {
    const tx = chain(length, clipByGlobalNorm(1), length, scale(-1))
    const [, state] = tx.update([3, 4], tx.init([0, 0]))
    expect(state.map((each) => ('measurement' in each ? each.measurement.norm : null))).toEqual([
      5,
      null,
      1,
      null,
    ])
  })

  test('of a chain of rules is part of the one pass', () => {
    expect(chain(length, sgd(0.1)).ruled).toBeDefined()
  })

  test('may have any name, those of a rule’s own among them', () => {
    for (const name of ['g', 'p', 'update', 'count', 'a.b', '']) {
      const tx = snapshot(name, (u) => norm(u, 'tree'))
      const [, { measurement }] = tx.update([3, 4], tx.init([0, 0]))
      expect(measurement).toEqual({ [name]: 5 })
    }
  })

  test('counts only the leaves that it is for', () => {
    const tx = masked(length, [true, false])
    const [, { innerState }] = tx.update([3, 4], tx.init([0, 0]))
    expect(innerState.measurement).toEqual({ norm: 3 })
    const parts = partition({ watched: length, frozen: setToZero() }, ['watched', 'frozen'])
    expect(parts.update([3, 4], parts.init([0, 0]))[0]).toEqual([3, 0])
  })

  test('of tensors is a scalar tensor, in place of which a donating step puts the next', () => {
    tidily(() => {
      const tx = chain(length, sgd(1))
      const grads = tf.tensor1d([3, 4])
      const w = tf.tensor1d([0, 0])
      const [after, state] = step(tx, { donate: true })(w, tx.init(w), grads)
      const { norm: measured } = state[0].measurement
      if (!(measured instanceof tf.Tensor)) throw new Error('no tensor')
      expect(measured.shape).toEqual([])
      expect(measured.dataSync()[0]).toBe(5)
      expect([...after.dataSync()]).toEqual([-3, -4])
    })
  })
})

describe('a monitor', () => {
  test('takes a measure whose rule changes from step to step', () => {
    const sum = injectHyperparams(({ decay }: { readonly decay: number }) => ema(decay, { debias: false }))({
      decay: (count: number) => 1 - 0.5 ** count,
    })
    const tx = monitor({ sum })
    const [, first] = tx.update(8, tx.init(0))
    expect(first.measurements).toEqual({ sum: 8 })
    expect(tx.update(4, first)[1].measurements).toEqual({ sum: 6 })
  })

  test('of nothing keeps nothing', () => {
    const tx = monitor({})
    expect(tx.update(1, tx.init(0))).toEqual([1, { measurements: {}, measureStates: [] }])
  })

  test('knows nothing before the first step', () => {
    const tx = monitor({ greatest: (u) => max(u, 'tree') })
    expect(tx.init([1, 2]).measurements).toEqual({ greatest: Number.NaN })
  })

  test('refuses a measure that means one thing for one leaf and another for the next', () => {
    const some = masked(
      measureWithEma((u) => norm(u, 'tree'), 0.9),
      ({ shape }) => shape.length > 0,
    )
    const tx = monitor({ some })
    expect(thrown(() => tx.init([1, Float64Array.of(1)]))).toMatchObject({
      _tag: 'InvalidArgument',
      path: 'measurements.some',
    })
  })
})

test.each<readonly [string, () => unknown, string]>([
  ['a snapshot of no function', () => snapshot('norm', 5 as never), 'snapshot.measure'],
  ['a snapshot of a number', () => snapshot('norm', () => 5 as never), 'snapshot.measure'],
  ['a snapshot without a name', () => snapshot(5 as never, (u) => u), 'snapshot.measureName'],
  ['an average of a number', () => measureWithEma(() => 5 as never, 0.9), 'measureWithEma.measure'],
  ['a monitor of a number', () => monitor({ x: 5 as never }), 'monitor.x'],
  ['a monitor of a function of numbers', () => monitor({ x: () => 5 as never }), 'monitor.x'],
  ['a monitor of what is not made of rules', () => monitor({ x: ordinary(centralize()) }), 'monitor.x'],
])('%s is refused when it is made', (_, make, path) => {
  expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path })
})

test.each<readonly [string, () => unknown, string]>([
  ['snapshot', () => length.update(1, {} as never), 'state.measurement.norm'],
  ['monitor', () => monitor({ x: (u) => u }).update(1, {} as never), 'state.measurements.x'],
  [
    'a measure in a monitor',
    () => monitor({ x: ema(0.9) }).update(1, { measurements: { x: 1 } } as never),
    'state.measureStates.0.count',
  ],
])('a state that is not of %s is refused, with the place where it differs', (_, call, path) => {
  expect(thrown(call)).toMatchObject({ _tag: 'TreeMismatch', path })
})
