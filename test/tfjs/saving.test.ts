/** A model that was saved with its optimizer goes on to the same next step, bit for bit. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { adam, chain, clipByGlobalNorm, injectHyperparams, sgd } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends, numbers, useBackend } from '../backends.js'
import { isThorough } from '../laws/runs.js'
import { dense, tasks, train, weightsOf } from './models.js'

const loss = 'categoricalCrossentropy'

/** How long a model trains before it is saved, and after it: without `CI` the half, three steps or more. */
const epochs = isThorough ? 2 : 1

const saved = async (model: tf.LayersModel): Promise<tf.io.ModelArtifacts> => {
  let artifacts: tf.io.ModelArtifacts | undefined
  const handler = tf.io.withSaveHandler(async (given) => {
    artifacts = given
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
  })
  await model.save(handler, { includeOptimizer: true })
  if (artifacts === undefined) throw new Error('nothing was saved')
  return artifacts
}

const disposeAll = (...models: readonly tf.LayersModel[]): void => {
  for (const model of models) {
    model.optimizer.dispose()
    model.dispose()
  }
}

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => useBackend(backend))

  test.each(tasks.filter(({ on }) => on.includes(backend)))(
    '$name goes on in the same process, and nothing is left of it',
    async (task) => {
      const { numTensors } = tf.memory()
      const data = task.data()
      const tx = chain(
        clipByGlobalNorm(1),
        adam((count) => 0.01 / (1 + count / 7)),
      )
      const model = task.model()
      model.compile({ optimizer: toOptimizer(tx, { name: 'of the tasks' }), loss })
      await train(model, data, epochs)
      const artifacts = await saved(model)
      await train(model, data, epochs)
      const expected = weightsOf(model)
      const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
      expect(loaded.weights[0]?.name).not.toBe(model.weights[0]?.name)
      await train(loaded, data, epochs)
      expect(weightsOf(loaded)).toEqual(expected)
      expect(loaded.optimizer.iterations).toBe(model.optimizer.iterations)
      disposeAll(model, loaded)
      tf.dispose([data.x, data.y])
      expect(tf.memory().numTensors).toBe(numTensors)
    },
  )

  test('saving and loading again and again, compiling and validating anew, leaves no tensor more', async () => {
    const data = dense.data()
    const optimizer = toOptimizer(adam(0.01), { name: 'again and again' })
    const model = dense.model()
    const counts: number[] = []
    for (let i = 0; i < 4; i++) {
      model.compile({ optimizer, loss, metrics: ['accuracy'] })
      await train(model, data, 1, { validationSplit: 0.25 })
      const artifacts = await saved(model)
      const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
      await train(loaded, data, 1, { validationSplit: 0.25 })
      await saved(loaded)
      disposeAll(loaded)
      counts.push(tf.memory().numTensors)
    }
    expect(new Set(counts.slice(1)).size).toBe(1)
    disposeAll(model)
    tf.dispose([data.x, data.y])
  })

  test('a model that was loaded and not trained is saved as it was', async () => {
    const { numTensors } = tf.memory()
    const data = dense.data()
    const model = dense.model()
    model.compile({ optimizer: toOptimizer(adam(0.01), { name: 'not trained' }), loss })
    await train(model, data, 1)
    const first = await saved(model)
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(first))
    const again = await saved(loaded)
    const bytesOf = ({ weightData }: tf.io.ModelArtifacts): Uint8Array =>
      new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData))
    expect(again.weightSpecs?.filter(({ group }) => group === 'optimizer')).toEqual(
      first.weightSpecs?.filter(({ group }) => group === 'optimizer'),
    )
    expect(bytesOf(again)).toEqual(bytesOf(first))
    disposeAll(model, loaded)
    tf.dispose([data.x, data.y])
    expect(tf.memory().numTensors).toBe(numTensors)
  })

  test('layers that are frozen after loading keep their saved moments until they are trained again', async () => {
    const { numTensors } = tf.memory()
    const data = dense.data()
    const model = dense.model()
    model.compile({ optimizer: toOptimizer(sgd(0.05, { momentum: 0.9 }), { name: 'frozen' }), loss })
    await train(model, data, 1)
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(await saved(model)))
    for (const each of [model, loaded]) {
      const [layer] = each.layers
      for (const trainable of [false, true]) {
        if (layer !== undefined) layer.trainable = trainable
        each.compile({ optimizer: each.optimizer, loss })
        await train(each, data, 1)
        // whoever saves in between, loses nothing
        await saved(each)
      }
    }
    expect(weightsOf(loaded)).toEqual(weightsOf(model))
    disposeAll(model, loaded)
    tf.dispose([data.x, data.y])
    expect(tf.memory().numTensors).toBe(numTensors)
  })
})

describe('weights', () => {
  beforeEach(() => useBackend('cpu'))

  const trained = async () => {
    const initial = tf.tensor1d([1, 2])
    const v: tf.Variable = tf.variable(initial, true, 'layer/kernel')
    initial.dispose()
    const tx = injectHyperparams((h: { readonly learningRate: number }) => adam(h.learningRate))({
      learningRate: Math.PI / 100,
    })
    const optimizer = toOptimizer(tx)
    const minimize = (o: tf.Optimizer) => o.minimize(() => tf.tidy(() => tf.sum(tf.square(v)) as tf.Scalar))
    minimize(optimizer)
    return { v, optimizer, minimize, again: () => toOptimizer(tx) }
  }

  test('are named by their paths, and keep numbers of float64 to the last bit', async () => {
    const { v, optimizer } = await trained()
    const weights = await optimizer.getWeights()
    const all = new Map(weights.map(({ name, tensor }) => [name, tensor]))
    expect([...all.keys()].slice(0, 2)).toEqual(['iter', 'variables:json'])
    expect([...all.keys()]).toContain('state.innerState.0.mu.layer/kernel')
    const rate = all.get('state.hyperparams.learningRate:float64')
    expect(new Float64Array(Int32Array.from(numbers(rate)).buffer)[0]).toBe(Math.PI / 100)
    optimizer.dispose()
    expect(weights.every(({ tensor }) => tensor.isDisposed)).toBe(true)
    v.dispose()
  })

  test('that were asked for do not change in the next steps, and bring them back', async () => {
    const { v, optimizer, minimize } = await trained()
    const weights = await optimizer.getWeights()
    const before = weights.map(({ tensor }) => numbers(tensor))
    const at = tf.reshape<tf.Rank>(v, v.shape)
    const next = () => {
      minimize(optimizer)
      return numbers(v)
    }
    const expected = next()
    expect(weights.map(({ tensor }) => numbers(tensor))).toEqual(before)
    await optimizer.setWeights(weights)
    expect(optimizer.iterations).toBe(1)
    v.assign(at)
    expect(next()).toEqual(expected)
    tf.dispose([v, at])
    optimizer.dispose()
  })

  const changed = (
    weights: readonly { readonly name: string; readonly tensor: tf.Tensor }[],
    name: string,
    change: (tensor: tf.Tensor) => { readonly name: string; readonly tensor: tf.Tensor } | null,
  ) => weights.flatMap((weight) => (weight.name === name ? (change(weight.tensor) ?? []) : [weight]))

  const mu = 'state.innerState.0.mu.layer/kernel'
  const rate = 'state.hyperparams.learningRate'

  test.each<readonly [string, string, (t: tf.Tensor) => { name: string; tensor: tf.Tensor } | null, object]>([
    ['one is missing', mu, () => null, { _tag: 'TreeMismatch', path: mu, given: 'nothing' }],
    [
      'one has another name',
      mu,
      (tensor) => ({ name: 'state.innerState.7', tensor }),
      { _tag: 'TreeMismatch', path: mu },
    ],
    [
      'one has another shape',
      mu,
      (tensor) => ({ name: mu, tensor: tensor.reshape([2, 1]) }),
      { _tag: 'ShapeMismatch', path: mu, expected: 'shape [2]', given: '[2, 1]' },
    ],
    [
      'one has another dtype',
      mu,
      (tensor) => ({ name: mu, tensor: tensor.toInt() }),
      { _tag: 'DtypeMismatch', path: mu, expected: 'float32', given: 'int32' },
    ],
    [
      'a number has lost a half',
      `${rate}:float64`,
      (tensor) => ({ name: `${rate}:float64`, tensor: tensor.slice(0, 1) }),
      { _tag: 'InvalidArgument', path: `setWeights.${rate}:float64` },
    ],
    [
      'the count does not come first',
      'iter',
      () => null,
      { _tag: 'InvalidArgument', path: 'setWeights.iter' },
    ],
    [
      'the names of the variables are no names',
      'variables:json',
      (tensor) => ({ name: 'variables:json', tensor: tf.zerosLike(tensor) }),
      { _tag: 'InvalidArgument', path: 'setWeights.variables:json' },
    ],
    [
      'they are of other variables',
      'variables:json',
      () => {
        const text = new TextEncoder().encode('["another/kernel"]  ')
        return { name: 'variables:json', tensor: tf.tensor1d(new Int32Array(text.buffer), 'int32') }
      },
      { _tag: 'TreeMismatch', path: 'state.layer/kernel' },
    ],
  ])('are refused where %s, and no variable has changed', async (_, name, change, expected) => {
    const { numTensors } = tf.memory()
    const { v, optimizer, minimize, again } = await trained()
    const other = again()
    const before = numbers(v)
    const given = changed(await optimizer.getWeights(), name, change)
    const attempt = async () => {
      await other.setWeights(given)
      minimize(other)
    }
    await expect(attempt()).rejects.toMatchObject(expected)
    expect(numbers(v)).toEqual(before)
    tf.dispose(given.map(({ tensor }) => tensor))
    other.dispose()
    optimizer.dispose()
    v.dispose()
    expect(tf.memory().numTensors).toBe(numTensors)
  })
})

test('a model that a process saves goes on in another one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gradpipe-'))
  try {
    const [program, file] = [
      fileURLToPath(new URL('process.ts', import.meta.url)),
      join(folder, 'model.json'),
    ]
    const run = async (what: string): Promise<string | undefined> => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, what, file])
      return stdout.trim().split('\n').at(-1)
    }
    const begun = await run('begin')
    expect(begun?.startsWith('[12,')).toBe(true)
    expect(await run('resume')).toBe(begun)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 120_000)
