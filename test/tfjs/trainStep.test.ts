import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  type GradpipeError,
  type LookaheadParams,
  lookahead,
  reduceOnPlateau,
  scaleByBacktrackingLinesearch,
  sgd,
  step,
} from '../../src/index.js'
import {
  type ModelTree,
  modelLoss,
  modelToTree,
  toOptimizer,
  trainStep,
  treeToModel,
  valueAndGrad,
} from '../../src/tfjs/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { convolutional, dense, normalized, recurrent } from './digitModels.js'

const loss = 'categoricalCrossentropy'

const valuesOf = ({ trainable, nonTrainable }: ModelTree): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(
    Object.entries({ ...trainable, ...nonTrainable }).map(([name, tensor]) => [name, numbers(tensor)]),
  )

/** The weights of a model, as numbers. */
const weightsOf = (model: tf.LayersModel): Readonly<Record<string, readonly number[]>> => {
  const tree = modelToTree(model)
  const values = valuesOf(tree)
  dispose(tree)
  return values
}

/** The greatest difference between two records of numbers. */
const distance = (
  a: Readonly<Record<string, readonly number[]>>,
  b: Readonly<Record<string, readonly number[]>>,
): number => {
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort())
  return Math.max(
    ...Object.entries(a).flatMap(([name, values]) =>
      values.map((value, i) => Math.abs(value - (b[name]?.[i] ?? Number.NaN))),
    ),
  )
}

// TensorFlow.js's WASM backend cannot differentiate convolutions and embeddings
const onEvery = [
  ['a dense network with penalties and dropout', dense],
  ['a dense network with a batch normalization', normalized],
] as const
const onCpu = [
  ...onEvery,
  ['a convolutional network with a batch normalization', convolutional],
  ['an embedding with masks and an LSTM', recurrent],
] as const

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  describe.each(backend === 'cpu' ? onCpu : onEvery)('%s', (_, { make, data }) => {
    it('trains by pure steps as by fit with the same rule, moving averages and all', async () => {
      const { x, y } = data(48)
      const [fitted, pure] = [make(), make()]
      const optimizer = tf.train.momentum(0.05, 0.9)
      fitted.compile({ optimizer, loss })
      const { history } = await fitted.fit(x, y, { epochs: 5, batchSize: 48, shuffle: false, verbose: 0 })

      const before = weightsOf(pure)
      const tx = sgd(0.05, { momentum: 0.9 })
      const train = trainStep(pure, tx, { loss, donate: true })
      let params = modelToTree(pure)
      let state = tx.init(params.trainable)
      const losses: number[] = []
      for (let i = 0; i < 5; i++) {
        const [nextParams, nextState, value] = train(params, state, x, y)
        losses.push(...numbers(value))
        value.dispose()
        params = nextParams
        state = nextState
      }
      for (const [i, value] of losses.entries()) expect(value).toBeCloseTo(Number(history.loss?.[i]), 5)
      const trained = weightsOf(fitted)
      expect(distance(valuesOf(params), trained)).toBeLessThan(2e-6)
      expect(distance(before, trained)).toBeGreaterThan(0.005)
      expect(weightsOf(pure)).toEqual(before)
      treeToModel(pure, params)
      expect(distance(weightsOf(pure), trained)).toBeLessThan(2e-6)
      dispose(params, state, x, y)
      optimizer.dispose()
      fitted.dispose()
      pure.dispose()
    })

    it('trains to the same bits as fit with toOptimizer of the same chain', async () => {
      const { x, y } = data(24)
      const [fitted, pure] = [make(), make()]
      const tx = chain(clipByGlobalNorm(1), adamw(0.01))
      const optimizer = toOptimizer(tx)
      fitted.compile({ optimizer, loss })
      await fitted.fit(x, y, { epochs: 4, batchSize: 24, shuffle: false, verbose: 0 })
      const train = trainStep(pure, tx, { loss, donate: true })
      let params = modelToTree(pure)
      let state = tx.init(params.trainable)
      for (let i = 0; i < 4; i++) {
        const [nextParams, nextState, value] = train(params, state, x, y)
        value.dispose()
        params = nextParams
        state = nextState
      }
      expect(distance(valuesOf(params), weightsOf(fitted))).toBe(0)
      dispose(params, state, x, y)
      optimizer.dispose()
      fitted.dispose()
      pure.dispose()
    })

    it('gives the same result for the same arguments, which it borrows', () => {
      const { x, y } = data(16)
      const model = make()
      const params = modelToTree(model)
      const tx = adam(0.01)
      const state = tx.init(params.trainable)
      const train = trainStep(model, tx, { loss })
      const before = valuesOf(params)
      // whatever the model's own weights are meanwhile
      const first = train(params, state, x, y)
      const ones = tf.tidy(() => model.getWeights().map((weight) => tf.onesLike(weight)))
      model.setWeights(ones)
      const second = train(params, state, x, y)
      expect(valuesOf(second[0])).toEqual(valuesOf(first[0]))
      expect(numbers(second[2])).toEqual(numbers(first[2]))
      expect(valuesOf(params)).toEqual(before)
      dispose(params, state, first, second, ones, x, y)
      model.dispose()
    })
  })

  it('has no tensor more after hundreds of steps, donated or not', () => {
    const { x, y } = normalized.data(8)
    const model = normalized.make()
    const tx = adam(0.01)
    for (const donate of [true, false]) {
      const train = trainStep(model, tx, { loss, donate })
      let params = modelToTree(model)
      let state = tx.init(params.trainable)
      const counts = new Set<number>()
      for (let i = 0; i < 150; i++) {
        const [nextParams, nextState, value] = train(params, state, x, y)
        if (!donate) dispose(params, state)
        value.dispose()
        params = nextParams
        state = nextState
        counts.add(tf.memory().numTensors)
      }
      expect([donate, counts.size]).toEqual([donate, 1])
      dispose(params, state)
    }
    dispose(x, y)
    model.dispose()
  })

  it('learns to read digits', () => {
    const { x, y } = dense.data(200)
    const model = dense.make()
    const tx = adam(0.01)
    const train = trainStep(model, tx, { loss, donate: true })
    let params = modelToTree(model)
    let state = tx.init(params.trainable)
    for (let i = 0; i < 60; i++) {
      const [nextParams, nextState, value] = train(params, state, x, y)
      value.dispose()
      params = nextParams
      state = nextState
    }
    treeToModel(model, params)
    const right = tf.tidy(() => {
      const guessed = model.predict(x) as tf.Tensor // of one output
      return guessed.argMax(1).equal(y.argMax(1)).mean().dataSync()[0] ?? 0
    })
    expect(right).toBeGreaterThan(0.9)
    dispose(params, state, x, y)
    model.dispose()
  })

  it('gives line searches and plateaus what they ask for', () => {
    const { x, y } = normalized.data(16)
    const model = normalized.make()
    const tx = chain(sgd(1), scaleByBacktrackingLinesearch(15), reduceOnPlateau({ factor: 0.5, patience: 1 }))
    for (const donate of [true, false]) {
      const before = tf.memory().numTensors
      let params = modelToTree(model)
      let state = tx.init(params.trainable)
      const train = trainStep(model, tx, { loss, donate })
      const losses: number[] = []
      for (let i = 0; i < 4; i++) {
        const [nextParams, nextState, value] = train(params, state, x, y)
        losses.push(...numbers(value))
        value.dispose()
        if (!donate) dispose(params, state)
        params = nextParams
        state = nextState
      }
      for (let i = 1; i < 4; i++) expect(losses[i]).toBeLessThan(losses[i - 1] ?? 0)
      dispose(params, state)
      expect(tf.memory().numTensors).toBe(before)
    }
    dispose(x, y)
    model.dispose()
  })

  it('leaves the model and the memory as they were when the loss throws', () => {
    const { x, y } = normalized.data(4)
    const model = normalized.make()
    const params = modelToTree(model)
    const tx = adam(0.1)
    const state = tx.init(params.trainable)
    const before = weightsOf(model)
    const failing = (targets: tf.Tensor, outputs: tf.Tensor): tf.Tensor => {
      tf.exp(tf.sub(targets, outputs))
      throw new Error('no loss')
    }
    const train = trainStep(model, tx, { loss: failing, donate: true })
    expect(tensorsLeft(() => expect(() => train(params, state, x, y)).toThrow('no loss'))).toBe(0)
    expect(weightsOf(model)).toEqual(before)
    expect(valuesOf(params)).toEqual(before)
    const [variable] = model.trainableWeights
    expect(Object.keys(variable ?? {})).not.toContain('read')
    dispose(params, state, x, y)
    model.dispose()
  })

  it('may be called within itself, at other weights, but not be assigned to', () => {
    const { x, y } = dense.data(8)
    const model = dense.make()
    const { trainable, nonTrainable } = modelToTree(model)
    const halves = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(trainable).map(([name, value]) => [name, tf.keep(tf.mul(value, 0.5))]),
      ),
    )
    const plain = modelLoss(model, loss)
    const [alone, teacher] = [plain(trainable, nonTrainable, x, y), plain(halves, nonTrainable, x, y)]
    let isRefused = false
    const both = modelLoss(model, (targets: tf.Tensor, outputs: tf.Tensor) => {
      const [inner] = plain(halves, nonTrainable, x, y)
      try {
        treeToModel(model, { trainable, nonTrainable })
      } catch {
        isRefused = true
      }
      return tf.add(tf.metrics.categoricalCrossentropy(targets, outputs), inner)
    })
    const together = both(trainable, nonTrainable, x, y)
    const [sum, a, b] = [together, alone, teacher].map(([value]) => numbers(value)[0] ?? Number.NaN)
    expect(sum).toBeCloseTo((a ?? Number.NaN) + (b ?? Number.NaN), 5)
    expect(isRefused).toBe(true)
    dispose(alone, teacher, together, halves, trainable, nonTrainable, x, y)
    model.dispose()
  })

  it('is a loss like any other: with lookahead too', () => {
    const { x, y } = dense.data(16)
    const model = dense.make()
    const { trainable, nonTrainable } = modelToTree(model)
    const tx = lookahead({ fastOptimizer: sgd(0.1), syncPeriod: 2, slowStepSize: 0.5 })
    const derive = valueAndGrad(modelLoss(model, loss), { hasAux: true })
    let pair: LookaheadParams<typeof trainable> = { fast: trainable, slow: trainable }
    let state = tx.init(pair)
    const losses: number[] = []
    for (let i = 0; i < 6; i++) {
      const { value, grads, aux } = derive(pair.fast, nonTrainable, x, y)
      const [nextPair, nextState] = step(tx)(pair, state, grads)
      losses.push(...numbers(value))
      dispose(value, grads, aux, pair, state)
      pair = nextPair
      state = nextState
    }
    expect(losses[5]).toBeLessThan(losses[0] ?? 0)
    dispose(pair, state, nonTrainable, x, y)
    model.dispose()
  })
})

describe('modelLoss', () => {
  beforeAll(() => useBackend('cpu'))

  it('takes the loss that the model is compiled with', () => {
    const { x, y } = dense.data(4)
    const model = dense.make()
    const optimizer = tf.train.adam(0.1)
    model.compile({ optimizer, loss })
    const { trainable, nonTrainable } = modelToTree(model)
    const own = modelLoss(model)(trainable, nonTrainable, x, y)
    const named = modelLoss(model, loss)(trainable, nonTrainable, x, y)
    expect(numbers(own[0])).toEqual(numbers(named[0]))
    expect(model.optimizer).toBe(optimizer)
    dispose(own, named, trainable, nonTrainable, x, y)
    optimizer.dispose()
    model.dispose()
  })

  it.each([
    'meanSquaredError',
    'meanAbsoluteError',
    'logcosh',
    'hinge',
    'binaryCrossentropy',
    'kullbackLeiblerDivergence',
    'poisson',
    'cosineProximity',
    'sparseCategoricalCrossentropy',
  ])('knows %s as evaluate does', (name) => {
    const { x, y: labels } = convolutional.data(6)
    const y = name === 'sparseCategoricalCrossentropy' ? labels.argMax(1).toFloat() : labels
    const input = tf.input({ shape: [28, 28, 1] })
    const output = tf.layers
      .dense({ units: 10, activation: 'softmax' })
      .apply(tf.layers.flatten().apply(input))
    const model = tf.model({ inputs: input, outputs: output as tf.SymbolicTensor }) // of one symbolic tensor
    const optimizer = tf.train.adam(0.1)
    model.compile({ optimizer, loss: name })
    const evaluated = model.evaluate(x, y.rank === 1 ? y.expandDims(1) : y)
    const { trainable, nonTrainable } = modelToTree(model)
    const [value, others] = modelLoss(model, name)(trainable, nonTrainable, x, y)
    expect(numbers(value)[0]).toBeCloseTo(numbers(evaluated)[0] ?? Number.NaN, 5)
    dispose(value, others, evaluated, trainable, nonTrainable, x, y, labels)
    optimizer.dispose()
    model.dispose()
  })

  it('adds up the losses of several outputs, and takes data by name', () => {
    const input = tf.input({ shape: [2], name: 'in' })
    const [a, b] = ['a', 'b'].map((name) =>
      tf.layers.dense({ name, units: 1, kernelInitializer: 'ones' }).apply(input),
    )
    const model = tf.model({ inputs: input, outputs: [a, b] as tf.SymbolicTensor[] }) // of one symbolic tensor each
    const { trainable, nonTrainable } = modelToTree(model)
    const [x, y] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[1]])]
    const lossOf = modelLoss(model, { a: 'meanSquaredError', b: 'meanAbsoluteError' })
    const left = tensorsLeft(() => {
      const [value, others] = lossOf(trainable, nonTrainable, { in: x }, { b: y, a: y })
      expect(numbers(value)).toEqual([4 + 2])
      dispose(value, others)
    })
    expect(left).toBe(0)
    dispose(trainable, nonTrainable, x, y)
    model.dispose()
  })

  it.each<
    [
      string,
      (model: tf.LayersModel, tree: ModelTree, x: tf.Tensor, y: tf.Tensor) => unknown,
      Partial<GradpipeError>,
    ]
  >([
    [
      'an unknown loss',
      (model) => modelLoss(model, 'nonsense'),
      { _tag: 'InvalidArgument', path: 'modelLoss.loss' },
    ],
    ['no loss', (model) => modelLoss(model), { _tag: 'InvalidArgument', path: 'modelLoss.loss' }],
    ['what is no model', () => modelLoss({} as never, loss), { _tag: 'InvalidArgument', path: 'model' }],
    [
      'a model without an input shape',
      () => modelLoss(tf.sequential(), loss),
      { _tag: 'InvalidArgument', path: 'model' },
    ],
    [
      'targets of another shape',
      (model, t, x) => modelLoss(model, loss)(t.trainable, t.nonTrainable, x, x),
      { _tag: 'ShapeMismatch', path: 'y' },
    ],
    [
      'inputs of another shape',
      (model, t, _, y) => modelLoss(model, loss)(t.trainable, t.nonTrainable, y, y),
      { _tag: 'ShapeMismatch', path: 'x' },
    ],
    [
      'fewer targets than inputs',
      (model, t, x, y) =>
        tf.tidy(() => {
          modelLoss(model, loss)(t.trainable, t.nonTrainable, x, y.slice([0, 0], [2, 10]))
        }),
      { _tag: 'ShapeMismatch', path: 'y' },
    ],
    [
      'two inputs for one',
      (model, t, x, y) => modelLoss(model, loss)(t.trainable, t.nonTrainable, [x, x], y),
      { _tag: 'InvalidArgument', path: 'x' },
    ],
    [
      'a weight that is missing',
      (model, t, x, y) => modelLoss(model, loss)({}, t.nonTrainable, x, y),
      { _tag: 'TreeMismatch', path: 'params.trainable.hidden/kernel' },
    ],
    [
      'an option that is none',
      (model) => trainStep(model, sgd(1), { losses: 'x' } as never),
      { _tag: 'InvalidArgument', path: 'trainStep.losses' },
    ],
  ])('refuses %s, and leaves nothing behind', (_, call, error) => {
    const { x, y } = dense.data(4)
    const model = dense.make()
    const tree = modelToTree(model)
    expect(
      tensorsLeft(() => expect(() => call(model, tree, x, y)).toThrow(expect.objectContaining(error))),
    ).toBe(0)
    dispose(tree, x, y)
    model.dispose()
  })

  it('refuses a layer that keeps a state between batches', () => {
    const model = tf.sequential({
      layers: [tf.layers.lstm({ name: 'memory', units: 1, stateful: true, batchInputShape: [1, 2, 1] })],
    })
    expect(() => modelLoss(model, 'meanSquaredError')).toThrow(
      expect.objectContaining({ _tag: 'InvalidArgument', path: 'model.memory' }),
    )
    model.dispose()
  })
})
