/** Steps of an optimizer that read no trees make the same as those that do, and give way where something has changed. */
import * as tf from '@tensorflow/tfjs'
import { adam, sgd, tree } from 'gradpipe'
import { type GradpipeOptimizer, type toOptimizer, withInterpreter } from 'gradpipe/tfjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../laws/index.js'
import { backends, numbers, useBackend } from '../backends.js'
import { isThorough } from '../laws/runs.js'
import { thrown } from '../thrown.js'
import { begin, end, keep, optimizerOf, variable } from './kept.js'

const gradient = (values: readonly number[], shape: number[] = [values.length]): tf.Tensor =>
  keep(tf.tensor([...values], shape))

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => begin(backend))
  afterEach(end)

  /** Steps of a row: those from the third on read no trees. Without `CI` there are six on one backend and three on the other. */
  const stepsOf = (row: number): number => (isThorough || (row + backends.indexOf(backend)) % 2 === 0 ? 6 : 3)

  test.each(catalogue.map((row, i) => [row.call, row, i] as const))(
    '%s makes the same numbers and states, whether its state is read before every step or after the last one',
    async (_, { make }, at) => {
      const x = gradient([1, 2, -1, 0.5], [2, 2])
      const run = async (read: boolean): Promise<readonly unknown[]> => {
        const kernel = variable('kernel', [0.5, -1, 2, 0.25, -0.75, 1.5], [2, 3])
        const bias = variable('bias', [0.5, -0.25, 1])
        const optimizer = optimizerOf(make())
        const loss = (): tf.Scalar => tf.tidy(() => tf.mean(tf.square(tf.add(tf.matMul(x, kernel), bias))))
        for (let i = 0; i < stepsOf(at); i++) {
          if (read) expect(optimizer.state === null).toBe(i === 0)
          optimizer.minimize(loss, false, [kernel, bias])
        }
        const weights = await optimizer.getWeights()
        const all = [kernel, bias, ...weights.map(({ tensor }) => tensor)].map(numbers)
        for (const each of [optimizer, kernel, bias]) each.dispose()
        return all
      }
      expect(await run(false)).toEqual(await run(true))
    },
  )

  interface Pair {
    readonly v: tf.Variable
    readonly w: tf.Variable
    readonly optimizer: GradpipeOptimizer
    /** Some steps by the same gradients. */
    readonly steps: (count: number) => void
  }

  const pair = (tx: Parameters<typeof toOptimizer>[0]): Pair => {
    const [v, w] = [variable('v', [1, 2]), variable('w', [3])]
    const [g, h] = [gradient([0.5, 1]), gradient([-1])]
    const optimizer = optimizerOf(tx)
    return {
      v,
      w,
      optimizer,
      steps: (count) => {
        for (let i = 0; i < count; i++) optimizer.applyGradients({ v: g, w: h })
      },
    }
  }

  test('variables keep their data from the first step on, and after it nothing is made', () => {
    const { v, w, optimizer, steps } = pair(adam(0.5))
    const ids = [v.dataId, w.dataId]
    steps(1)
    const { numTensors } = tf.memory()
    steps(6)
    // toBe: data are objects without fields, which are all equal
    expect(v.dataId).toBe(ids[0])
    expect(w.dataId).toBe(ids[1])
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(optimizer.iterations).toBe(7)
    expect(tree.get(optimizer.state, 'count')).toBe(7)
  })

  test('gradients in a list are taken in whatever order, and a wrong list is refused as ever', () => {
    const { v, w, optimizer, steps } = pair(sgd(0.5, { momentum: 0.5 }))
    const [g, h] = [gradient([0.5, 1]), gradient([-1])]
    const [ofV, ofW] = [
      { name: 'v', tensor: g },
      { name: 'w', tensor: h },
    ]
    const lists = [
      [ofV, ofW],
      [ofV, ofW],
      [ofW, ofV],
      [ofW, ofV],
      [ofV, ofW],
    ]
    optimizer.applyGradients(lists[0] ?? [])
    const { numTensors } = tf.memory()
    const ids = [v.dataId, w.dataId]
    for (const list of lists.slice(1)) optimizer.applyGradients(list)
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(v.dataId).toBe(ids[0])
    expect(w.dataId).toBe(ids[1])
    expect(thrown(() => optimizer.applyGradients([ofV, ofV]))).toMatchObject({ _tag: 'DuplicateName' })
    expect(thrown(() => optimizer.applyGradients([ofV, { name: 'nobody', tensor: h }]))).toMatchObject({
      path: 'grads.nobody',
    })
    expect(optimizer.iterations).toBe(5)
    steps(1)
    optimizer.applyGradients([ofV])
    // the n-th trace of equal gradients is 2 - ½ⁿ⁻¹ times each
    expect([v, w].map(numbers)).toEqual([[-2.00390625, -4.0078125], [8.015625]])
  })

  test('what else holds their memory, or has read it, never changes', () => {
    const { v, steps } = pair(sgd(0.5, { momentum: 0.5 }))
    steps(4)
    const [clone, read] = [tf.reshape(v, [2]), v.dataSync()]
    const values = numbers(v)
    steps(4)
    expect(numbers(clone)).toEqual(values)
    if (backend === 'cpu') expect([...read]).toEqual(values) // on WASM this is a view of the memory
    expect(numbers(v)).not.toEqual(values)
    clone.dispose()
  })

  test('tensors of a state that was read are given up to the next step, and show no other numbers', () => {
    const { optimizer, steps } = pair(sgd(0.5, { momentum: 0.5 }))
    steps(4)
    const trace = tree.get(optimizer.state, 'v') as tf.Tensor
    steps(1)
    expect(trace.isDisposed).toBe(true)
    steps(3)
    expect(numbers(tree.get(optimizer.state, 'v'))).toEqual([0.5, 1].map((g) => g * (2 - 0.5 ** 7)))
  })

  test('they go on from what was assigned to a variable, by an interpreter that is forced, and on another backend', async () => {
    const { v, steps } = pair(sgd(0.5))
    steps(4)
    const other = gradient([8, 8])
    v.assign(other)
    steps(1)
    expect(numbers(v)).toEqual([7.75, 7.5])
    withInterpreter('tensor', () => steps(1))
    expect(numbers(v)).toEqual([7.5, 7])
    steps(3)
    await useBackend(backend === 'cpu' ? 'wasm' : 'cpu')
    steps(3)
    await useBackend(backend)
    steps(1)
    expect(numbers(v)).toEqual([5.75, 3.5])
    expect(numbers(other)).toEqual([8, 8])
  })

  test('variables may be left out, join, and be their own gradients', () => {
    const { v, w, optimizer, steps } = pair(sgd(0.5))
    steps(4)
    const g = gradient([2, 2])
    optimizer.applyGradients({ v: g })
    expect([numbers(v), numbers(w)]).toEqual([[-1, -1], [5]])
    steps(4)
    const u = variable('u', [1])
    const [h, one] = [gradient([-1]), gradient([1])]
    for (let i = 0; i < 4; i++) optimizer.applyGradients({ v: g, w: h, u: one })
    expect([v, w, u].map(numbers)).toEqual([[-6, -7], [9], [-1]])
    for (let i = 0; i < 4; i++) optimizer.applyGradients({ v: g, w: u, u: w })
    // w and u each lose half of what the other was
    expect([w, u].map(numbers)).toEqual([[25.5625], [-25.0625]])
  })

  test('what does not fit throws as ever, and nothing changes', () => {
    const { v, w, optimizer, steps } = pair(adam(0.5))
    steps(4)
    const before = [numbers(v), numbers(w)]
    const wrong = gradient([1, 2, 3])
    const gone = gradient([1])
    gone.dispose()
    const by = (h: tf.Tensor): unknown => thrown(() => optimizer.applyGradients({ v: v, w: h }))
    expect(by(wrong)).toMatchObject({ _tag: 'ShapeMismatch', path: 'grads.w' })
    expect(by(gone)).toMatchObject({ _tag: 'Disposed', path: 'grads.w' })
    expect(optimizer.iterations).toBe(4)
    expect([numbers(v), numbers(w)]).toEqual(before)
    steps(1)
    expect(tree.get(optimizer.state, 'count')).toBe(5)
  })
})
