import { inspect } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { GradpipeError } from '../../src/error.js'
import * as objax from '../../src/objax/index.js'
import { numbers, tensorsLeft } from '../backends.js'

await tf.setBackend('cpu')

const { BaseState, BaseVar, RandomState, StateVar, TrainRef, TrainVar } = objax

describe('ownership', () => {
  test('a value that is replaced is freed, and a clone made before stays', () => {
    const v = new TrainVar(tf.tensor1d([1, 2]))
    const [first, clone] = [v.value, v.value.clone()]
    v.assign(tf.tensor1d([3, 4]))
    expect(first.isDisposed).toBe(true)
    expect(numbers(clone)).toEqual([1, 2])
    expect(numbers(v.value)).toEqual([3, 4])
  })

  test('a variable keeps the very tensor that it was given', () => {
    const t = tf.ones([2])
    expect(new StateVar(t).value).toBe(t)
  })

  test('assigning the value that is there changes and frees nothing', () => {
    const v = new TrainVar(tf.ones([2]))
    const { value } = v
    v.assign(value)
    new TrainRef(v).value = value
    expect(v.value).toBe(value)
    expect(numbers(value)).toEqual([1, 1])
  })

  test('a tensor that is given to two variables stays as long as one of them has it', () => {
    const t = tf.tensor1d([1, 2])
    const [a, b] = [new TrainVar(t), new StateVar(t)]
    b.assign(a.value)
    a.assign(tf.zeros([2]))
    expect(numbers(b.value)).toEqual([1, 2])
    b.value = a.value
    a.dispose()
    expect(numbers(b.value)).toEqual([0, 0])
  })

  test('tf.tidy frees neither the first value nor a later one', () => {
    const made: objax.TrainVar[] = []
    tf.tidy(() => void made.push(new TrainVar(tf.zeros([2]))))
    tf.tidy(() => made[0]?.assign(made[0].value.add(1)))
    expect(made.map(({ value }) => numbers(value))).toEqual([[1, 1]])
  })

  test('a hundred assignments leave as many tensors as there were', () => {
    const v = new TrainVar(tf.zeros([2]))
    const made = tensorsLeft(() => {
      for (let i = 0; i < 100; i++) v.assign(tf.fill([2], i))
    })
    expect(made).toBe(0)
  })

  test('dispose frees the tensor, twice does nothing, and using the variable then is refused', () => {
    const make = () => new TrainVar(tf.zeros([2]))
    expect(tensorsLeft(() => make().dispose())).toBe(0)
    const v = make()
    v.dispose()
    v.dispose()
    for (const use of [() => v.value, () => v.assign(tf.ones([2])), () => new TrainRef(v).value]) {
      expect(use).toThrow(expect.objectContaining({ _tag: 'Disposed' }))
    }
  })

  test('a reference owns nothing', () => {
    const v = new TrainVar(tf.ones([2]))
    new TrainRef(v).dispose()
    expect(numbers(v.value)).toEqual([1, 1])
  })

  test('a disposed tensor is refused', () => {
    const t = tf.ones([2])
    const v = new TrainVar(tf.zeros([2]))
    t.dispose()
    expect(() => v.assign(t)).toThrow(
      expect.objectContaining({ _tag: 'Disposed', path: 'objax.TrainVar.assign' }),
    )
    expect(() => new StateVar(t)).toThrow(expect.objectContaining({ _tag: 'Disposed' }))
    expect(numbers(v.value)).toEqual([0, 0])
  })

  test('what is no tensor is refused', () => {
    expect(() => new TrainVar([1, 2] as never)).toThrow(
      /objax\.TrainVar: expected a tensor, given an array of 2/,
    )
    const s = new StateVar(tf.zeros([2]))
    expect(() => {
      s.value = 3 as never
    }).toThrow(GradpipeError)
  })
})

describe('values', () => {
  test('assign keeps the shape unless told otherwise, and takes any dtype', () => {
    const v = new TrainVar(tf.zeros([2]))
    v.assign(tf.tensor1d([1, 2], 'int32'))
    expect(v.dtype).toBe('int32')
    v.assign(tf.ones([3]), { check: false })
    expect([v.shape, v.ndim]).toEqual([[3], 1])
  })

  test('a reference reads and writes its variable', () => {
    const v = new TrainVar(tf.zeros([2]))
    const ref = new TrainRef(v)
    ref.value = tf.ones([2])
    ref.assign(ref.value.add(v.value))
    expect(numbers(v.value)).toEqual([2, 2])
  })
})

describe('kinds', () => {
  test('everything but a TrainVar is state', () => {
    const v = new TrainVar(tf.zeros([2]))
    const all = [v, new StateVar(tf.zeros([2])), new TrainRef(v), new RandomState(0)]
    expect(all.map((x) => x instanceof BaseVar)).toEqual([true, true, true, true])
    expect(all.map((x) => x instanceof BaseState)).toEqual([false, true, true, true])
    expect(all.map((x) => x instanceof StateVar)).toEqual([false, true, false, true])
  })
})

describe('printing', () => {
  test('tells the class, the shape and the dtype, and reads nothing back', () => {
    const v = new TrainVar(tf.zeros([2]))
    expect(String(v)).toBe('objax.TrainVar(shape=(2,), dtype=float32)')
    expect(inspect(new TrainRef(v))).toBe('objax.TrainRef(ref=objax.TrainVar(shape=(2,), dtype=float32))')
    expect(`${new RandomState(3)}`).toBe('objax.RandomState(shape=(2,), dtype=int32)')
  })

  test('a disposed variable still prints', () => {
    const v = new TrainVar(tf.zeros([2]))
    v.dispose()
    expect(String(v)).toBe('objax.TrainVar(shape=(2,), dtype=float32)')
    expect(String(new objax.VarCollection({ v }))).toContain('2 (2,)')
  })

  test('a class of the user prints under its own name', () => {
    class Frozen extends StateVar {}
    expect(String(new Frozen(tf.zeros([])))).toBe('Frozen(shape=(), dtype=float32)')
  })
})
