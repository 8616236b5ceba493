/** A state belongs to names: whatever comes, goes, is frozen, saved and loaded, every moment stays with its own. */
import * as tf from '@tensorflow/tfjs'
import * as fc from 'fast-check'
import { adam, chain, flatten, injectHyperparams, sgd, tree } from 'gradpipe'
import { type GradpipeOptimizer, toOptimizer } from 'gradpipe/tfjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { numbers } from '../backends.js'
import { begin, end, keep, optimizerOf, variable } from './kept.js'

beforeEach(() => begin('cpu'))

afterEach(end)

/** A step by gradients that are these numbers everywhere. */
const stepBy = (optimizer: tf.Optimizer, grads: readonly (readonly [tf.Variable, number])[]): void => {
  const tensors = grads.map(([{ name, shape }, g]) => ({ name, tensor: tf.fill(shape, g) }))
  try {
    optimizer.applyGradients(tensors)
  } finally {
    tf.dispose(tensors.map(({ tensor }) => tensor))
  }
}

const momentum = (rate: number) => sgd(rate, { momentum: 0.9 })

describe('variables that differ in a number', () => {
  test('have their own moments after loading, where one has come and another gone', async () => {
    const [w0, w1, w2] = [variable('w_0'), variable('w_1'), variable('w_2')]
    const a = optimizerOf(momentum(0))
    stepBy(a, [
      [w1, 10],
      [w2, 20],
    ])
    const b = optimizerOf(momentum(1))
    await b.setWeights(await a.getWeights())
    stepBy(b, [
      [w0, 0],
      [w1, 0],
    ])
    expect([w0, w1, w2].map(numbers)).toEqual([[1], [1 - 9], [1]])
    // the one that was away still has its own
    stepBy(b, [
      [w0, 0],
      [w1, 0],
      [w2, 0],
    ])
    expect([w0, w1, w2].map((w) => numbers(w)[0])).toEqual([1, expect.closeTo(1 - 9 - 8.1, 5), 1 - 18])
  })

  test('may all come at once', async () => {
    const all = ['w_0', 'w_1', 'w_2'].map((name) => variable(name))
    const [, w1, w2] = all
    if (w1 === undefined || w2 === undefined) throw new Error('three')
    const a = optimizerOf(momentum(0))
    stepBy(a, [
      [w1, 10],
      [w2, 20],
    ])
    const b = optimizerOf(momentum(1))
    await b.setWeights(await a.getWeights())
    stepBy(
      b,
      all.map((w) => [w, 0]),
    )
    expect(all.map(numbers)).toEqual([[1], [-8], [-17]])
  })
})

test('a layer that was built again goes on under its new names, and is saved under them', async () => {
  const first = [variable('hidden/kernel'), variable('hidden/bias')] as const
  const a = optimizerOf(momentum(0))
  stepBy(a, [
    [first[0], 10],
    [first[1], 20],
  ])
  const again = [variable('hidden/kernel_1'), variable('hidden/bias_1')] as const
  const b = optimizerOf(momentum(1))
  await b.setWeights(await a.getWeights())
  stepBy(b, [
    [again[1], 0],
    [again[0], 0],
  ])
  expect(again.map(numbers)).toEqual([[-8], [-17]])
  expect(tree.get(b.state, 'trace')).toMatchObject({ 'hidden/kernel': {}, 'hidden/bias': {} })
  expect((await b.getWeights()).map(({ name }) => name)).toContain('state.0.trace.hidden/bias_1')
  // what has been taken over is not there for the one that it was of
  expect(() => stepBy(b, [[first[1], 1]])).toThrow('given hidden/bias_1, and hidden/bias now')
  expect(numbers(first[1])).toEqual([1])
})

test('two layers of one name are told apart by none, and an error says so', async () => {
  const two = [variable('hidden/bias'), variable('hidden/bias_1')] as const
  const a = optimizerOf(momentum(0))
  stepBy(a, [
    [two[0], 10],
    [two[1], 20],
  ])
  const b = optimizerOf(momentum(1))
  await b.setWeights(await a.getWeights())
  const third = variable('hidden/bias_2')
  expect(() => stepBy(b, [[third, 1]])).toThrow('any of hidden/bias, hidden/bias_1 could be meant')
  stepBy(
    b,
    two.map((each) => [each, 0]),
  )
  expect([...two, third].map(numbers)).toEqual([[-8], [-17], [1]])
})

test('a variable may be called as a field of the state is', () => {
  const [mu, nu] = [variable('mu'), variable('nu')]
  const optimizer = optimizerOf(adam(0.5))
  for (let i = 0; i < 2; i++)
    stepBy(optimizer, [
      [mu, 1],
      [nu, 1],
    ])
  mu.dispose()
  stepBy(optimizer, [[nu, 1]])
  // of three gradients of 1: 1 − 0.9³
  expect(
    numbers(tree.get(optimizer.state, 'nu', { filtering: (path) => path.includes('mu') }))[0],
  ).toBeCloseTo(0.271, 6)
})

test('a vector of all moments is refused other variables, also where they are as many numbers', async () => {
  const [v, w, x] = [variable('v', [1, 1]), variable('w', [1]), variable('x', [1])]
  const optimizer = optimizerOf(flatten(momentum(1)))
  stepBy(optimizer, [
    [v, 1],
    [w, 10],
  ])
  const weights = await optimizer.getWeights()
  w.dispose()
  const given: readonly (readonly [tf.Variable, number])[] = [
    [v, 0],
    [x, 0],
  ]
  const refusal =
    'state.0.trace: expected the variables of the saved state, since it is not kept by variable, given v, x'
  expect(() => stepBy(optimizer, given)).toThrow(refusal)
  const other = optimizerOf(flatten(momentum(1)))
  await other.setWeights(weights)
  expect(() => stepBy(other, given)).toThrow(refusal)
  expect([v, x].map(numbers)).toEqual([[0, 0], [1]])
})

// reading and freeing

const memory = (): { readonly handler: tf.io.IOHandler; readonly artifacts: tf.io.ModelArtifacts[] } => {
  const artifacts: tf.io.ModelArtifacts[] = []
  const handler = tf.io.withSaveHandler(async (given) => {
    artifacts.push(given)
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
  })
  return { handler, artifacts }
}

test('two saves at once are the same, and so is one that a step comes between', async () => {
  const model = keep(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }))
  const optimizer = optimizerOf(adam(0.1))
  model.compile({ optimizer, loss: 'meanSquaredError' })
  const x = keep(tf.ones([2, 1]))
  await model.fit(x, x, { epochs: 1, verbose: 0 })
  const { handler, artifacts } = memory()
  const save = () => model.save(handler, { includeOptimizer: true })
  await Promise.all([save(), save(), save()])
  const optimizerWeights = artifacts.map(
    ({ weightSpecs }) => weightSpecs?.filter(({ group }) => group === 'optimizer').length,
  )
  expect(optimizerWeights).toEqual([7, 7, 7])
  const bytes = artifacts.map(({ weightData }) => new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)))
  expect(bytes[1]).toEqual(bytes[0])
  const early = await optimizer.getWeights()
  await model.fit(x, x, { epochs: 1, verbose: 0 })
  await optimizer.getWeights()
  expect(early.some(({ tensor }) => tensor.isDisposed)).toBe(false)
  // no more than two states are held
  const { numTensors } = tf.memory()
  for (let i = 0; i < 3; i++) {
    await model.fit(x, x, { epochs: 1, verbose: 0 })
    await save()
  }
  expect(early.every(({ tensor }) => tensor.isDisposed)).toBe(true)
  expect(tf.memory().numTensors).toBe(numTensors)
})

test('weights may be freed as soon as they are given', async () => {
  const v = variable('v')
  const a = optimizerOf(momentum(0))
  stepBy(a, [[v, 10]])
  const b = optimizerOf(momentum(1))
  const later = b.setWeights(await a.getWeights())
  a.dispose()
  await later
  stepBy(b, [[v, 0]])
  expect(numbers(v)).toEqual([1 - 9])
})

test('a model that could be of either of two transformations without a name is not loaded', async () => {
  const model = keep(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }))
  // of functions, so that nothing describes them
  const [first, second] = [adam(() => 0.1), adam(() => 0.001)]
  model.compile({ optimizer: optimizerOf(first), loss: 'meanSquaredError' })
  const { handler, artifacts } = memory()
  await model.save(handler, { includeOptimizer: true })
  optimizerOf(second)
  const [{ trainingConfig } = { trainingConfig: undefined }] = artifacts
  if (trainingConfig === undefined) throw new Error('nothing was saved')
  // the types of two packages of TensorFlow.js differ
  const load = async () => model.loadTrainingConfig(trainingConfig as never)
  await expect(load()).rejects.toMatchObject({
    _tag: 'InvalidArgument',
    path: 'toOptimizer.name',
    expected: 'toOptimizer(tx, { name: "gradpipe" }) before the model is loaded',
    given: 'several transformations without a name; the saved one could be any of them',
  })
  // which one is said
  optimizerOf(first, { name: 'gradpipe' })
  await load()
  keep(model.optimizer)
})

// any history

const names = ['w_0', 'w_1', 'w_2', 'a/kernel', 'a/bias', 'b_1/kernel', 'trace', 'mu'] as const

const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ step: fc.subarray([...names], { minLength: 1 }) }) },
  { weight: 2, arbitrary: fc.constant({ load: true } as const) },
  { weight: 1, arbitrary: fc.record({ anew: fc.constantFrom(...names) }) },
)

test('every moment stays with its name, whatever joins, leaves, is frozen, saved and loaded', async () => {
  const tx = chain(sgd(1, { momentum: 0.5 }))
  const property = fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
    const { numTensors } = tf.memory()
    const variables = new Map<string, tf.Variable>()
    const anew = (name: string): void => {
      variables.get(name)?.dispose()
      const zero = tf.zeros([2])
      variables.set(name, tf.variable(zero, true, name))
      zero.dispose()
    }
    names.forEach(anew)
    const expected = new Map<string, { value: number; trace: number }>(
      names.map((name) => [name, { value: 0, trace: 0 }]),
    )
    let optimizer = toOptimizer(tx)
    const known = new Set<string>()
    /** Those that were stepped since the last load, and those of them that were disposed after it. */
    let [covered, gone] = [new Set<string>(), new Set<string>()]
    for (const [i, each] of events.entries()) {
      if ('load' in each) {
        const next = toOptimizer(tx)
        await next.setWeights(await optimizer.getWeights())
        optimizer.dispose()
        optimizer = next
        ;[covered, gone] = [new Set(), new Set()]
        continue
      }
      if ('anew' in each) {
        anew(each.anew)
        expected.set(each.anew, { value: 0, trace: expected.get(each.anew)?.trace ?? 0 })
        if (covered.has(each.anew)) gone.add(each.anew)
        continue
      }
      const grads = each.step.map((name, k) => [name, i + k + 1] as const)
      const pairs = grads.map(([name, g]) => [variables.get(name) as tf.Variable, g] as const) // all are there
      const isOfNone =
        known.size > 0 && optimizer.state === null && !each.step.some((name) => known.has(name))
      if (isOfNone) {
        expect(() => stepBy(optimizer, pairs)).toThrow('one of the variables that the weights were saved of')
        continue
      }
      stepBy(optimizer, pairs)
      // what is disposed takes its moments with it
      for (const name of gone) {
        expected.set(name, { value: expected.get(name)?.value ?? Number.NaN, trace: 0 })
        known.delete(name)
      }
      gone.clear()
      for (const [name, g] of grads) {
        known.add(name)
        covered.add(name)
        const { value, trace } = expected.get(name) ?? { value: 0, trace: 0 }
        const after = 0.5 * trace + g
        expected.set(name, { value: value - after, trace: after })
      }
      for (const name of names) {
        const { value } = expected.get(name) ?? { value: Number.NaN }
        expect([name, numbers(variables.get(name))]).toEqual([name, [value, value]])
      }
    }
    optimizer.dispose()
    tf.dispose([...variables.values()])
    expect(tf.memory().numTensors).toBe(numTensors)
  })
  await fc.assert(property, { numRuns: 60 })
})

// the learning rate

const injected = (rate: number | ((n: number) => number) = 1) =>
  injectHyperparams((h: { learningRate: number }) => momentum(h.learningRate))({ learningRate: rate })

describe('the learning rate', () => {
  test('is obeyed where it is injected: before the first step, between steps, and in what is saved', async () => {
    const v = variable('v')
    const optimizer = optimizerOf(chain(injected()))
    expect(optimizer.learningRate).toBe(1)
    optimizer.learningRate = 0.5
    expect(optimizer.learningRate).toBe(0.5)
    stepBy(optimizer, [[v, 1]])
    expect(numbers(v)).toEqual([0.5])
    optimizer.setLearningRate(0)
    stepBy(optimizer, [[v, 1]])
    expect(numbers(v)).toEqual([0.5])
    const other = optimizerOf(chain(injected()))
    await other.setWeights(await optimizer.getWeights())
    expect(other.learningRate).toBe(0)
    other.learningRate = 0.25
    const third = optimizerOf(chain(injected()))
    await third.setWeights(await other.getWeights())
    expect(third.learningRate).toBe(0.25)
    stepBy(third, [[v, -0.9 * 1.9 + 1]])
    expect(numbers(v)[0]).toBeCloseTo(0.25, 6)
  })

  test('that was set before the first step is saved with a model', () => {
    const optimizer = optimizerOf(injected(), { name: 'a rate' })
    optimizer.learningRate = 0.125
    const [cls, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap.Gradpipe ?? []
    if (cls === undefined || fromConfig === undefined) throw new Error('the class is not registered')
    const again = keep(fromConfig(cls, optimizer.getConfig()) as GradpipeOptimizer)
    expect(again.learningRate).toBe(0.125)
  })

  test.each<readonly [string, () => GradpipeOptimizer, unknown, string]>([
    ['no rate that is kept', () => optimizerOf(sgd(1)), 0.1, 'one without, or with several'],
    ['several', () => optimizerOf(chain(injected(), injected())), 0.1, 'one without, or with several'],
    ['a schedule', () => optimizerOf(injected((n) => 1 / (1 + n))), 0.1, 'one with a schedule'],
    ['no number to take', () => optimizerOf(injected()), Number.NaN, 'expected a finite number, given NaN'],
    ['a text', () => optimizerOf(injected()), '0.1', 'expected a finite number, given "0.1"'],
  ])('is refused with %s, and nothing has changed', (_, make, rate, message) => {
    const optimizer = make()
    const v = variable('v')
    const at = (): readonly unknown[] => [optimizer.learningRate, optimizer.state, numbers(v)]
    const { numTensors } = tf.memory()
    for (let i = 0; i < 2; i++) {
      const was = at()
      // whoever writes JavaScript may give anything
      const given = rate as number
      expect(() => {
        optimizer.learningRate = given
      }).toThrow(message)
      expect(() => optimizer.setLearningRate(given)).toThrow(message)
      expect(at()).toEqual(was)
      if (i === 0) {
        expect(tf.memory().numTensors).toBe(numTensors)
        stepBy(optimizer, [[v, 1]])
      }
    }
  })
})
