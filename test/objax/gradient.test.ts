import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { GradpipeError } from '../../src/error.js'
import * as objax from '../../src/objax/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { expectGolden, goldens, toTensor } from './objax.js'

const { Grad, GradValues } = objax

await tf.setBackend('cpu')

describe.each(backends)('on the backend %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(goldens.gradients.map((run) => [run.name, run] as const))(
    'the %s of Objax agree, and no tensor is left over',
    (label, run) => {
      const before = tf.memory().numTensors
      const layer = new objax.nn.Linear(2, 3)
      layer.w.assign(toTensor(run.weights.w))
      layer.b?.assign(toTensor(run.weights.b))
      const loss = (x: tf.Tensor, y: tf.Tensor) => {
        const error = layer(x).sub(y)
        return [error.square().mean(), error.abs().max()] as const
      }
      const [x, y] = [toTensor(run.x), toTensor(run.y)]
      const values = {
        Grad: new Grad(loss, layer.vars())(x, y),
        GradValues: new GradValues(loss, layer.vars())(x, y),
        'GradValues input_argnums=(1, 0)': new GradValues(loss, layer.vars(), { inputArgnums: [1, 0] })(x, y),
      }
      expectGolden(label, run.values, values, run.f32_dev)
      layer.vars().dispose()
      tf.dispose([values, x, y])
      expect(tf.memory().numTensors).toBe(before)
    },
  )
})

describe('gradients', () => {
  const v = new objax.TrainVar(tf.tensor1d([1, 2]))
  const w = new objax.TrainVar(tf.tensor1d([3, 4]))
  const s = new objax.StateVar(tf.tensor1d([0, 0]))
  const vc = new objax.VarCollection({ v, s, w })

  test('a variable that the loss does not use has the gradient zero', () => {
    expect(new Grad(() => w.value.square().sum(), vc)().map(numbers)).toEqual([
      [0, 0],
      [6, 8],
    ])
  })

  test('a constant loss, even a number, has the gradient zero', () => {
    const [grads, values] = new GradValues(() => 3, vc)()
    expect(grads.map(numbers)).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(values.map(numbers)).toEqual([[3]])
  })

  test('without variables and arguments there is no gradient, and there is a value', () => {
    const [grads, [loss]] = new GradValues(() => v.value.sum(), null)()
    expect(grads).toEqual([])
    expect(numbers(loss)).toEqual([3])
  })

  test('a variable under two names counts once, and a reference not at all', () => {
    const shared = new objax.VarCollection({ v, again: v, ref: new objax.TrainRef(w) })
    expect(new Grad(() => v.value.mul(w.value).sum(), shared)().map(numbers)).toEqual([[3, 4]])
  })

  test('two variables with the same tensor have their own gradients', () => {
    const t = tf.tensor1d([1, 2])
    const [a, b] = [new objax.TrainVar(t), new objax.TrainVar(t)]
    const grad = new Grad(() => a.value.mul(3).add(b.value.square()).sum(), new objax.VarCollection({ a, b }))
    expect(grad().map(numbers)).toEqual([
      [3, 3],
      [2, 4],
    ])
  })

  test('an argument that is given twice has a gradient for each place', () => {
    const x = tf.tensor1d([1, 2])
    const grad = new Grad((a: tf.Tensor, b: tf.Tensor) => a.mul(b.square()).sum(), null, {
      inputArgnums: [0, 1],
    })
    expect(grad(x, x).map(numbers)).toEqual([
      [1, 4],
      [2, 8],
    ])
  })

  test('an index that is repeated gives the last one its gradient, a negative one counts from the end', () => {
    const f = (a: tf.Tensor, b: tf.Tensor) => a.mul(b.square()).sum()
    const args = [tf.ones([2]), tf.fill([2], 3)] as const
    expect(new Grad(f, null, { inputArgnums: [0, 0] })(...args).map(numbers)).toEqual([
      [0, 0],
      [9, 9],
    ])
    expect(new Grad(f, null, { inputArgnums: [-1] })(...args).map(numbers)).toEqual([[6, 6]])
    expect(() => new Grad(f, null, { inputArgnums: [-3] })(...args)).toThrow(GradpipeError)
  })

  test('a number as an argument is differentiated as a scalar', () => {
    const square = (x: tf.Tensor | number) => tf.square(x).asScalar()
    expect(new Grad(square, null, { inputArgnums: [0] })(3).map(numbers)).toEqual([[6]])
  })

  test('anything may follow the loss, and only tensors are copied', () => {
    const [, values] = new GradValues(
      () => [v.value.sum(), { w: w.value, list: [v.value.mul(2), null] }, 'text', 7] as const,
      vc,
    )()
    const [, { w: again, list }, text, number] = values
    expect([numbers(again), numbers(list[0]), list[1], text, number]).toEqual([
      [3, 4],
      [2, 4],
      null,
      'text',
      7,
    ])
    again.dispose() // a copy
    expect(numbers(w.value)).toEqual([3, 4])
  })

  test('the second derivative is the gradient of a gradient', () => {
    const first = new Grad(() => v.value.pow(3).sum(), vc)
    const second = new Grad(() => first()[0]?.sum() ?? 0, vc)
    expect(second().map(numbers)).toEqual([
      [6, 12],
      [0, 0],
    ])
    expect(tensorsLeft(() => tf.dispose(second()))).toBe(0)
  })

  test('a module may be differentiated, and what it assigns stays', () => {
    const m = new objax.nn.Sequential([new objax.nn.Linear(2, 3), new objax.nn.BatchNorm0D(3)])
    const norm = m[1]
    if (!(norm instanceof objax.nn.BatchNorm0D)) throw new Error('no normalization')
    const gv = new GradValues((x: tf.Tensor) => m(x, { training: true }).square().mean(), m.vars())
    const x = tf.randomNormal([8, 2])
    expect(tensorsLeft(() => tf.dispose(gv(x)))).toBe(0)
    expect(numbers(norm.running_var.value)).not.toEqual([1, 1, 1])
  })

  test('the gradient is that at the values before, whatever the loss assigns', () => {
    const a = new objax.TrainVar(tf.tensor1d([1, 2]))
    const grad = new Grad(() => {
      const loss = a.value.square().sum()
      a.assign(a.value.add(1))
      return loss
    }, new objax.VarCollection({ a }))
    expect(grad().map(numbers)).toEqual([[2, 4]])
    expect(numbers(a.value)).toEqual([2, 3])
  })

  test('a loss that throws leaves the variables as they were, and no tensor', () => {
    const grad = new Grad((): tf.Tensor => {
      s.value = v.value.mul(100)
      v.assign(v.value.mul(w.value.square()))
      throw new Error('out of cheese')
    }, vc)
    const before = vc.tensors()
    expect(tensorsLeft(() => expect(() => grad()).toThrow('out of cheese'))).toBe(0)
    expect(vc.tensors()).toEqual(before)
    expect(new Grad(() => v.value.sum(), vc)().map(numbers)[0]).toEqual([1, 1])
  })

  test.each([
    ['of shape [2]', () => v.value.mul(2), 'ShapeMismatch'],
    ['of shape [1]', () => v.value.slice(0, 1), 'ShapeMismatch'],
    ['of integers', () => tf.scalar(3, 'int32'), 'DtypeMismatch'],
    ['that is nothing', () => undefined as never, 'InvalidLeaf'],
    ['that is an empty list', () => [] as never, 'InvalidLeaf'],
  ] as const)('a loss %s is refused, and leaves no tensor', (_, loss, _tag) => {
    const grad = new Grad<[], objax.LossOutput>(loss, vc)
    expect(
      tensorsLeft(() => {
        let thrown: unknown
        try {
          grad()
        } catch (error) {
          thrown = error
        }
        expect(thrown).toMatchObject({ _tag })
      }),
    ).toBe(0)
  })

  test('integers are not differentiated in', () => {
    const int = new objax.TrainVar(tf.tensor1d([1, 2], 'int32'))
    expect(() => new Grad(() => int.value.sum(), { int })()).toThrow(/expected float32, given int32/)
    const grad = new Grad((x: tf.Tensor) => x.sum(), null, { inputArgnums: [0] })
    expect(() => grad(tf.tensor1d([1], 'int32'))).toThrow(/expected float32, given int32/)
    expect(() => grad('x' as never)).toThrow(/expected a tensor or a number, given "x"/)
  })

  test('vars are those it was given, and printing names the function', () => {
    const loss = (): tf.Tensor => v.value.sum()
    const grad = new Grad(loss, vc, { inputArgnums: [] })
    expect([...grad.vars('here.').keys()]).toEqual(['here.v', 'here.s', 'here.w'])
    expect(String(grad)).toBe('objax.Grad(f=loss, input_argnums=None)')
    const f = new objax.Function((x: tf.Tensor) => x.sum(), vc)
    expect(String(new GradValues(f, vc, { inputArgnums: [0] }))).toBe(
      'objax.GradValues(f=objax.Function(f=<lambda>), input_argnums=(0,))',
    )
  })

  test('an operation that gives one gradient to two variables gives each its own', () => {
    const sum = tf.customGrad((a, b) => ({
      value: tf.add(a as tf.Tensor, b as tf.Tensor).sum(),
      gradFunc: () => {
        const both = tf.ones([2])
        return [both, both]
      },
    }))
    const [first, second] = new Grad(() => sum(v.value, w.value), vc)()
    first?.dispose()
    expect(second && numbers(second)).toEqual([1, 1])
  })

  test('gradients are new tensors, each its own', () => {
    const grad = new Grad(() => v.value.add(w.value).sum(), vc)
    expect(tensorsLeft(() => grad())).toBe(2)
    const [first, second] = grad()
    expect(first).not.toBe(second)
  })
})
