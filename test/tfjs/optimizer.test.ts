/** What TensorFlow.js asks of an optimizer, of toOptimizer's. */
import * as tf from '@tensorflow/tfjs'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  flatten,
  lookahead,
  reduceOnPlateau,
  sgd,
  tree,
} from 'gradpipe'
import { GradpipeOptimizer, toOptimizer } from 'gradpipe/tfjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { wasmDoor } from '../../src/host/tfjs/wasm/backend.js'
import { backends, numbers, tensorsLeft } from '../backends.js'
import { thrown } from '../thrown.js'
import { begin, end, optimizerOf, variable } from './kept.js'

/** The sum of the squares of some variables. */
const squares =
  (...variables: readonly tf.Variable[]) =>
  (): tf.Scalar =>
    tf.tidy(() => tf.addN(variables.map((v) => tf.sum(tf.square(v)))) as tf.Scalar)

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => begin(backend))
  afterEach(end)

  // steps

  test('is an optimizer to TensorFlow.js', () => {
    expect(optimizerOf(sgd(0.1))).toBeInstanceOf(tf.Optimizer)
    expect(optimizerOf(sgd(0.1))).toBeInstanceOf(GradpipeOptimizer)
    // to TensorFlow.js, whatever can minimize is an optimizer of its own
    for (const other of [tf.train.adagrad(0.1), {}, null])
      expect((other as unknown) instanceof GradpipeOptimizer).toBe(false)
  })

  test('minimize steps, gives the loss where it is asked for, and counts', () => {
    const v = variable('v', [1, 2])
    const optimizer = optimizerOf(sgd(0.25))
    expect(optimizer.iterations).toBe(0)
    const cost = optimizer.minimize(squares(v), true)
    expect(numbers(cost)).toEqual([5])
    cost?.dispose()
    expect(numbers(v)).toEqual([0.5, 1])
    expect(optimizer.minimize(squares(v), false, [v])).toBeNull()
    expect(numbers(v)).toEqual([0.25, 0.5])
    expect(optimizer.iterations).toBe(2)
  })

  test('applyGradients borrows gradients, by name or in a list, and a null among them leaves its variable out', () => {
    const [v, w] = [variable('v', [1, 2]), variable('w', [3])]
    const optimizer = optimizerOf(sgd(1, { momentum: 0.5 }))
    const grads = tf.tensor1d([0.5, 1])
    // as TensorFlow.js gives them, whatever its types say
    const absent = null as unknown
    optimizer.applyGradients({ v: grads })
    expect(numbers(v)).toEqual([0.5, 1])
    optimizer.applyGradients([
      { name: 'v', tensor: grads },
      { name: 'w', tensor: absent as tf.Tensor },
    ])
    expect(numbers(v)).toEqual([-0.25, -0.5])
    expect(numbers(w)).toEqual([3])
    expect(numbers(grads)).toEqual([0.5, 1])
    grads.dispose()
  })

  test('the variable stays the same object, and what else holds its memory never changes', () => {
    const v = variable('v', [1, 2])
    const optimizer = optimizerOf(adam(0.1))
    const clone = tf.reshape(v, [2])
    for (let i = 0; i < 3; i++) optimizer.minimize(squares(v))
    expect(numbers(clone)).toEqual([1, 2])
    clone.dispose()
    const address = (): number | undefined => wasmDoor(tf.backend())?.dataOf(v).memoryOffset
    const { dataId } = v
    const at = address()
    for (let i = 0; i < 3; i++) optimizer.minimize(squares(v))
    if (backend === 'wasm') {
      expect(v.dataId).toBe(dataId)
      expect(address()).toBe(at)
      expect(at).toBeGreaterThan(0)
    }
    expect(tf.engine().registeredVariables.v).toBe(v)
  })

  test('two variables that share their memory are stepped each by its own gradient', () => {
    const [v, w] = [variable('v', [1, 2]), variable('w', [5, 5])]
    w.assign(v)
    const optimizer = optimizerOf(sgd(1))
    const [a, b] = [tf.tensor1d([1, 1]), tf.tensor1d([2, 2])]
    optimizer.applyGradients({ v: a, w: b })
    expect([numbers(v), numbers(w)]).toEqual([
      [0, 1],
      [-1, 0],
    ])
    tf.dispose([a, b])
  })

  test('thousands of steps, in a tidy or not, leave no tensor more', () => {
    const v = variable('v', [1, 2])
    const optimizer = optimizerOf(chain(clipByGlobalNorm(1), adamw(0.01)))
    optimizer.minimize(squares(v))
    const left = tensorsLeft(() => {
      for (let i = 0; i < 1000; i++) {
        optimizer.minimize(squares(v))
        tf.tidy(() => {
          optimizer.minimize(squares(v))
        })
      }
    })
    expect(left).toBe(0)
    expect(Math.max(...numbers(v).map(Math.abs))).toBeLessThan(0.1)
  })

  // which variables

  test('a variable that was frozen for a while finds its own moments again', () => {
    const [v, w] = [variable('v', [1, 2]), variable('w', [3, 4])]
    const optimizer = optimizerOf(sgd(0.125, { momentum: 0.5 }))
    const loss = squares(v, w)
    optimizer.minimize(loss)
    v.trainable = false
    optimizer.minimize(loss, false, [v, w])
    expect(numbers(v)).toEqual([0.75, 1.5])
    v.trainable = true
    optimizer.minimize(loss, false, [w, v])
    // the trace of v is that of its first step: 2 [1, 2], halved, and 2 [0.75, 1.5] more
    expect(numbers(v)).toEqual([0.75 - 0.125 * (1 + 1.5), 1.5 - 0.125 * (2 + 3)])
    const trace = (x: number, steps: number): number => {
      let [at, m] = [x, 0]
      for (let i = 0; i < steps; i++) {
        m = 0.5 * m + 2 * at
        at -= 0.125 * m
      }
      return at
    }
    expect(numbers(w)).toEqual([trace(3, 3), trace(4, 3)])
  })

  test('a variable that comes later begins with a first state, and the count goes on', () => {
    const [v, w] = [variable('v', [1]), variable('w', [1])]
    const optimizer = optimizerOf(adam(0.5))
    optimizer.minimize(squares(v))
    optimizer.minimize(squares(v, w))
    expect(tree.get(optimizer.state, 'count')).toBe(2)
    expect(tree.get(optimizer.state, 'mu')).toMatchObject({ v: {}, w: {} })
    const { mu } = { mu: tree.get(optimizer.state, 'mu') as Readonly<Record<string, tf.Tensor>> }
    expect(numbers(mu.w)[0]).toBeCloseTo(0.2, 6)
  })

  test('a variable that is disposed takes its moments with it', () => {
    const v = variable('v', [1])
    const optimizer = optimizerOf(adam(0.5))
    const initial = tf.tensor1d([1, 2, 3])
    const gone = tf.variable(initial, true, 'gone')
    optimizer.minimize(squares(v, gone))
    gone.dispose()
    const left = tensorsLeft(() => optimizer.minimize(squares(v)))
    expect(left).toBe(-2)
    // another one of its name, of another shape, begins anew
    const other = variable('gone', [1])
    optimizer.minimize(squares(v, other))
    expect(tree.get(optimizer.state, 'count')).toBe(3)
    initial.dispose()
  })

  test('a state that is not kept by variable refuses another one, and nothing has changed', () => {
    const [v, w] = [variable('v', [1, 2]), variable('w', [3])]
    const optimizer = optimizerOf(flatten(adam(0.1)))
    optimizer.minimize(squares(v))
    const state = optimizer.state
    const values = numbers(v)
    const left = tensorsLeft(() =>
      expect(thrown(() => optimizer.minimize(squares(v, w)))).toMatchObject({
        _tag: 'ShapeMismatch',
        path: 'state.0.mu',
        expected: 'shape [3]',
        given: '[2]',
      }),
    )
    expect(left).toBe(0)
    expect(optimizer.state).toBe(state)
    expect(numbers(v)).toEqual(values)
  })

  test('after dispose another step begins anew', () => {
    const v = variable('v', [1, 2])
    const optimizer = optimizerOf(adam(0.1))
    optimizer.minimize(squares(v))
    optimizer.dispose()
    expect(optimizer.iterations).toBe(0)
    expect(optimizer.state).toBeNull()
    optimizer.minimize(squares(v))
    expect(tree.get(optimizer.state, 'count')).toBe(1)
  })

  test('where a variable keeps its memory in another way, it is assigned', () => {
    const [v, w] = [variable('v', [1, 2]), variable('w', [1, 2])]
    let { dataId } = w
    Object.defineProperty(w, 'dataId', {
      get: () => dataId,
      set: (given) => {
        dataId = given
      },
    })
    const optimizer = optimizerOf(adam(0.1))
    optimizer.minimize(squares(v, w))
    const { numBytes } = tf.memory()
    for (let i = 0; i < 3; i++) optimizer.minimize(squares(v, w))
    expect(numbers(w)).toEqual(numbers(v))
    expect(tf.memory().numBytes).toBe(numBytes)
    // on an error as well
    const wrong = tf.tensor1d([1])
    expect(tensorsLeft(() => thrown(() => optimizer.applyGradients({ w: wrong })))).toBe(0)
    expect(numbers(w)).toEqual(numbers(v))
    wrong.dispose()
  })

  // what transformations need

  test('transformations that ask for the loss are given it, and the slow parameters of lookahead follow', () => {
    const v = variable('v', [4])
    const plateau = optimizerOf(chain(sgd(0.1), reduceOnPlateau({ patience: 1, factor: 0.5 })))
    for (let i = 0; i < 3; i++)
      plateau.minimize(() => tf.tidy(() => tf.add(tf.mul(0, tf.sum(v)), 1) as tf.Scalar))
    expect(numbers(tree.get(plateau.state, 'scale'))[0]).toBeLessThan(1)
    const fast = { fastOptimizer: sgd(0.25), syncPeriod: 2, slowStepSize: 0.5 }
    const looking = optimizerOf(lookahead(fast))
    looking.minimize(squares(v))
    expect(numbers(v)).toEqual([2])
    looking.minimize(squares(v))
    // the fast one was at 1, the slow one goes half of the way from 4
    expect(numbers(v)).toEqual([2.5])
  })

  // mistakes

  test.each<readonly [string, (o: GradpipeOptimizer, v: tf.Variable, g: tf.Tensor) => void, object]>([
    [
      'a name that no variable has',
      (o, _, g) => o.applyGradients({ nobody: g }),
      { _tag: 'InvalidArgument', path: 'grads.nobody' },
    ],
    [
      'two gradients of one name',
      (o, _, g) =>
        o.applyGradients([
          { name: 'v', tensor: g },
          { name: 'v', tensor: g },
        ]),
      { _tag: 'DuplicateName', path: 'grads.v' },
    ],
    [
      'a gradient of another shape',
      (o, _, g) => o.applyGradients({ v: g, w: g }),
      { _tag: 'ShapeMismatch', path: 'grads.w' },
    ],
  ])('refuses %s, and nothing has changed', (_, call, expected) => {
    const [v, w] = [variable('v', [1, 2]), variable('w', [1, 2, 3])]
    const optimizer = optimizerOf(adam(0.1))
    const grad = tf.tensor1d([1, 1])
    for (const seen of [false, true]) {
      const state = optimizer.state
      expect(tensorsLeft(() => expect(thrown(() => call(optimizer, v, grad))).toMatchObject(expected))).toBe(
        0,
      )
      expect(optimizer.state).toBe(state)
      expect(optimizer.iterations).toBe(seen ? 1 : 0)
      if (!seen) {
        expect(numbers(v)).toEqual([1, 2])
        optimizer.minimize(squares(v))
      }
    }
    expect(numbers(w)).toEqual([1, 2, 3])
    grad.dispose()
  })

  test('a loss that depends on no variable is refused as TensorFlow.js does, and nothing has changed', () => {
    const v = variable('v', [1, 2])
    const optimizer = optimizerOf(sgd(0.1))
    expect(() => optimizer.minimize(() => tf.scalar(1), false, [v])).toThrow('Cannot find a connection')
    expect(optimizer.iterations).toBe(0)
  })

  test('a transformation that is not given what it needs says so', () => {
    const v = variable('v', [1, 2])
    const optimizer = optimizerOf(chain(sgd(0.1), reduceOnPlateau()))
    const grad = tf.tensor1d([1, 1])
    const left = tensorsLeft(() =>
      expect(thrown(() => optimizer.applyGradients({ v: grad }))).toMatchObject({
        _tag: 'MissingArgument',
        path: 'extraArgs.value',
      }),
    )
    expect(left).toBe(0)
    expect(numbers(v)).toEqual([1, 2])
    grad.dispose()
  })
})

// names

test('the class is found by its name, and the transformation by the name in its config', () => {
  const tx = sgd(0.5)
  const optimizer = toOptimizer(tx, { name: 'by_this_name' })
  expect(optimizer.getClassName()).toBe('Gradpipe')
  expect(optimizer.getConfig()).toEqual({
    name: 'by_this_name',
    transformation: { name: '{"gradpipe":1,"$call":"sgd","args":[0.5]}' },
  })
  expect(toOptimizer(sgd(() => 0.5)).getConfig()).toEqual({ name: 'gradpipe' })
  const [cls, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap.Gradpipe ?? []
  if (cls === undefined || fromConfig === undefined) throw new Error('the class is not registered')
  const again = fromConfig(cls, optimizer.getConfig())
  expect(again).toBeInstanceOf(tf.Optimizer)
  expect(again.getConfig()).toEqual(optimizer.getConfig())
  expect(thrown(() => fromConfig(cls, { name: 'of another program' }))).toMatchObject({
    _tag: 'InvalidArgument',
    path: 'toOptimizer.name',
    expected: 'toOptimizer(tx, { name: "of another program" }) before the model is loaded',
  })
})

test.each([
  [{ name: '' }, 'toOptimizer.name'],
  [{ nom: 'x' }, 'toOptimizer.nom'],
])('refuses the options %o', (given, path) => {
  // whoever writes JavaScript may give anything
  expect(thrown(() => toOptimizer(sgd(1), given as object))).toMatchObject({ _tag: 'InvalidArgument', path })
})
