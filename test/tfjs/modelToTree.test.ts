import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { dispose, type GradpipeError } from '../../src/index.js'
import { type ModelTree, modelToTree, treeToModel } from '../../src/tfjs/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'

/** Two dense layers around a batch normalization; the first frozen or not. */
const make = ({ frozen = false } = {}): tf.LayersModel =>
  tf.sequential({
    layers: [
      tf.layers.dense({ name: 'first', units: 2, inputShape: [3], trainable: !frozen }),
      tf.layers.batchNormalization({ name: 'norm' }),
      tf.layers.dense({ name: 'last', units: 1 }),
    ],
  })

const read = (model: tf.LayersModel): readonly (readonly number[])[] => model.getWeights().map(numbers)

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  it('names all weights as a saved model does, the trainable ones apart', () => {
    const [first, second] = [make(), make({ frozen: true })]
    const trees = [modelToTree(first), modelToTree(second)] as const
    expect(trees.map(({ trainable }) => Object.keys(trainable))).toEqual([
      ['first/kernel', 'first/bias', 'norm/gamma', 'norm/beta', 'last/kernel', 'last/bias'],
      ['norm/gamma', 'norm/beta', 'last/kernel', 'last/bias'],
    ])
    expect(trees.map(({ nonTrainable }) => Object.keys(nonTrainable))).toEqual([
      ['norm/moving_mean', 'norm/moving_variance'],
      ['first/kernel', 'first/bias', 'norm/moving_mean', 'norm/moving_variance'],
    ])
    dispose(trees)
    first.dispose()
    second.dispose()
  })

  it('makes a tree that does not change with the model, in memory that it shares', () => {
    const model = make()
    const { numDataBuffers, numTensors } = tf.memory()
    const tree = modelToTree(model)
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers)
    const before = read(model)
    model.setWeights(tf.tidy(() => model.getWeights().map((weight) => tf.keep(tf.onesLike(weight)))))
    expect(read(model)).not.toEqual(before)
    treeToModel(model, tree)
    expect(read(model)).toEqual(before)
    dispose(tree)
    expect(tf.memory().numTensors - numTensors).toBe(8) // the ones
    model.dispose()
  })

  it('takes a tree of another model of the same names, and one from before a layer was frozen', () => {
    const [from, to] = [make(), make({ frozen: true })]
    const tree = modelToTree(from)
    treeToModel(to, tree)
    const after = modelToTree(to)
    for (const [name, value] of Object.entries({ ...after.trainable, ...after.nonTrainable }))
      expect([name, numbers(value)]).toEqual([
        name,
        numbers({ ...tree.trainable, ...tree.nonTrainable }[name]),
      ])
    dispose(tree, after)
    from.dispose()
    to.dispose()
  })

  it('takes the variables themselves, in exchanged places', () => {
    const model = tf.sequential({
      layers: ['a', 'b'].map((name) => tf.layers.dense({ name, units: 2, inputShape: [2], useBias: false })),
    })
    const [a, b] = model.getWeights() as [tf.Tensor, tf.Tensor] // of two layers without a bias
    const before = [numbers(a), numbers(b)]
    const left = tensorsLeft(() =>
      treeToModel(model, { trainable: { 'a/kernel': b, 'b/kernel': a }, nonTrainable: {} }),
    )
    expect([left, ...read(model)]).toEqual([0, before[1], before[0]])
    model.dispose()
  })

  it.each<[string, (tree: ModelTree) => unknown, Partial<GradpipeError>]>([
    [
      'a weight that is missing',
      ({ trainable: { 'last/bias': _, ...rest }, nonTrainable }) => ({ trainable: rest, nonTrainable }),
      { _tag: 'TreeMismatch', path: 'tree.trainable.last/bias' },
    ],
    [
      'a name that is no weight',
      ({ trainable, nonTrainable }) => ({
        trainable,
        nonTrainable: { ...nonTrainable, other: tf.scalar(1) },
      }),
      { _tag: 'TreeMismatch', path: 'tree.nonTrainable.other' },
    ],
    [
      'a weight in both parts',
      ({ trainable }) => ({ trainable, nonTrainable: trainable }),
      { _tag: 'TreeMismatch', path: 'tree.nonTrainable.first/kernel' },
    ],
    [
      'another shape',
      ({ trainable, nonTrainable }) => ({
        trainable: { ...trainable, 'last/bias': tf.ones([2]) },
        nonTrainable,
      }),
      { _tag: 'ShapeMismatch', path: 'tree.trainable.last/bias' },
    ],
    [
      'another dtype',
      ({ trainable, nonTrainable }) => ({
        trainable: { ...trainable, 'last/bias': tf.ones([1], 'int32') },
        nonTrainable,
      }),
      { _tag: 'DtypeMismatch', path: 'tree.trainable.last/bias' },
    ],
    [
      'a number',
      ({ trainable, nonTrainable }) => ({ trainable: { ...trainable, 'last/bias': 1 }, nonTrainable }),
      { _tag: 'InvalidLeaf', path: 'tree.trainable.last/bias' },
    ],
    [
      'a disposed tensor',
      ({ trainable, nonTrainable }) => {
        const gone = tf.ones([1])
        gone.dispose()
        return { trainable: { ...trainable, 'last/bias': gone }, nonTrainable }
      },
      { _tag: 'Disposed', path: 'tree.trainable.last/bias' },
    ],
    ['one part', ({ trainable }) => ({ trainable }), { _tag: 'TreeMismatch', path: 'tree.nonTrainable' }],
  ])('refuses a tree with %s, and changes nothing', (_, change, error) => {
    const model = make()
    const tree = tf.tidy(() => {
      const ones = (record: ModelTree['trainable']) =>
        Object.fromEntries(Object.entries(record).map(([name, value]) => [name, tf.keep(tf.onesLike(value))]))
      const { trainable, nonTrainable } = modelToTree(model)
      return { trainable: ones(trainable), nonTrainable: ones(nonTrainable) }
    })
    const before = read(model)
    tf.tidy(() => {
      const changed = change(tree)
      const left = tensorsLeft(() =>
        expect(() => treeToModel(model, changed as never)).toThrow(expect.objectContaining(error)),
      )
      expect(left).toBe(0)
    })
    expect(read(model)).toEqual(before)
    dispose(tree)
    model.dispose()
  })

  it('refuses two weights of one name, no model, and a disposed one', () => {
    const inner = (name: string) =>
      tf.sequential({ name, layers: [tf.layers.dense({ name: 'same', units: 2, inputShape: [2] })] })
    const twice = tf.sequential({ layers: [inner('one'), inner('two')] })
    expect(() => modelToTree(twice)).toThrow(
      expect.objectContaining({ _tag: 'DuplicateName', path: 'same/kernel' }),
    )
    expect(() => modelToTree(null as never)).toThrow(
      expect.objectContaining({ _tag: 'InvalidArgument', path: 'model' }),
    )
    twice.dispose()
    const gone = make()
    gone.getWeights()
    gone.dispose()
    const left = tensorsLeft(() =>
      expect(() => modelToTree(gone)).toThrow(
        expect.objectContaining({ _tag: 'Disposed', path: 'model.trainable.first/kernel' }),
      ),
    )
    expect(left).toBe(0)
  })
})
