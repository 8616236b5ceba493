import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import * as objax from '../../src/objax/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { expectGolden, goldens, leavesOf, toTensor } from './objax.js'

const { ExponentialMovingAverage, ExponentialMovingAverageModule } = objax.optimizer

describe.each(backends)('on the backend %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(goldens.ema.map((run) => [JSON.stringify(run.config), run] as const))(
    'the averages of Objax agree, and no tensor is left over: %s',
    (label, run) => {
      const { params0, grads } = goldens.inputs[goldens.ema_inputs] ?? { params0: null, grads: [] }
      const before = tf.memory().numTensors
      const [a, b] = leavesOf(params0)
        .slice(0, 2)
        .map((leaf) => new objax.TrainVar(toTensor(leaf)))
      if (a === undefined || b === undefined) throw new Error('no inputs')
      const s = new objax.StateVar(tf.zeros([3]))
      const rng = new objax.RandomState(0)
      const vc = new objax.VarCollection([
        ['a', a],
        ['s', s],
        ['rng', rng],
        ['b', b],
        ['a_again', a],
        ['b_ref', new objax.TrainRef(b)],
      ])
      const ema = new ExponentialMovingAverage(vc, run.config)
      const nameOf = new Map<objax.BaseVar, string>([
        [a, 'a'],
        [b, 'b'],
        [s, 's'],
      ])
      expect([...ema.refs].map((ref) => nameOf.get(ref instanceof objax.TrainRef ? ref.ref : ref))).toEqual(
        run.order,
      )

      grads.forEach((tree, i) => {
        const step = String(i + 1)
        tf.tidy(() => {
          const [da, db] = leavesOf(tree).map(toTensor)
          if (da !== undefined) a.assign(a.value.sub(da.mul(0.125)))
          if (db !== undefined) b.assign(b.value.sub(db.mul(0.125)))
          const value = run.s_values[i]
          if (value !== undefined) s.value = toTensor(value)
        })
        expect(tensorsLeft(() => ema())).toBe(0)
        const [refs, averages] = ema.refsAndValues()
        expectGolden(`${label}, averages ${step}`, run.averages[step] ?? null, averages, run.f32_dev)
        expectGolden(`${label}, values ${step}`, run.values[step] ?? null, refs.tensors(), run.f32_dev)
        tf.dispose(averages)
      })

      const inside = ema.replaceVars(() => [a, b, s].map(({ value }) => value))()
      expectGolden(`${label}, inside`, run.inside_replace_vars, inside, run.f32_dev)
      expectGolden(
        `${label}, after`,
        run.after_replace_vars,
        [a, b, s].map(({ value }) => value),
        run.f32_dev,
      )
      expect(numbers(ema.step.value)).toEqual(run.step.data)
      tf.dispose(inside)
      ema.vars().dispose()
      vc.dispose()
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  test.each(goldens.ema_module.map((run) => [JSON.stringify(run.config), run] as const))(
    'the averaged module of Objax agrees, names and numbers, and no tensor is left over: %s',
    (label, run) => {
      const before = tf.memory().numTensors
      const [linear, norm] = [new objax.nn.Linear(2, 3), new objax.nn.BatchNorm0D(3, run.config.batch_norm)]
      const m = new objax.nn.Sequential([linear, norm])
      linear.w.assign(toTensor(run.weights.w))
      linear.b?.assign(toTensor(run.weights.b))
      norm.beta.assign(toTensor(run.weights.beta))
      norm.gamma.assign(toTensor(run.weights.gamma))
      const mEma = new ExponentialMovingAverageModule(m, run.config.ema)
      expect([...m.vars().keys()]).toEqual(run.vars)
      const [refs, none] = mEma.ema.refsAndValues()
      tf.dispose(none)
      expect([...refs.keys()]).toEqual(run.refs_order)
      expect(
        [...mEma.ema.refs].map(
          (ref) =>
            `(${ref.shape.join(', ')}${ref.ndim === 1 ? ',' : ''}) ${ref instanceof objax.TrainRef ? 'TrainRef' : 'StateVar'}`,
        ),
      ).toEqual(run.ema_order)

      const test_ = toTensor(run.x_test)
      run.x.forEach((leaf, i) => {
        const x = toTensor(leaf)
        const made = tf.tidy(() => {
          const output = m(x, { training: true })
          linear.w.assign(linear.w.value.mul(0.875))
          norm.beta.assign(norm.beta.value.add(0.125))
          mEma.updateEma()
          const round = {
            output,
            running_mean: norm.running_mean.value,
            running_var: norm.running_var.value,
            ema: mEma.ema.refsAndValues()[1],
            ema_output: mEma(test_, { training: false }),
            plain_output: m(test_, { training: false }),
          }
          expectGolden(`${label}, round ${i}`, run.rounds[i] ?? null, round, run.f32_dev)
        })
        expect(made).toBeUndefined()
        x.dispose()
      })
      test_.dispose()
      mEma.vars().dispose()
      expect(tf.memory().numTensors).toBe(before)
    },
  )
})

describe('a moving average', () => {
  const single = (values: readonly number[], options?: objax.optimizer.ExponentialMovingAverageOptions) => {
    const v = new objax.TrainVar(tf.tensor1d([...values]))
    return { v, ema: new ExponentialMovingAverage(new objax.VarCollection({ v }), options) }
  }

  test('leaves as many tensors after a thousand updates and a hundred swaps as there were', () => {
    const { v, ema } = single([1, 2], { debias: true })
    const made = tensorsLeft(() => {
      for (let i = 0; i < 1000; i++) ema()
      for (let i = 0; i < 100; i++)
        ema
          .replaceVars(() => v.value.square())()
          .dispose()
    })
    expect(made).toBe(0)
  })

  test('of a constant, corrected, is below it by a share of up to eps: Objax multiplies with 1 - eps', () => {
    for (const steps of [1, 3]) {
      const { ema } = single([8], { momentum: 0.5, debias: true, eps: 0.25 })
      for (let i = 0; i < steps; i++) ema()
      const [, [value]] = ema.refsAndValues()
      expect(numbers(value ?? tf.zeros([0]))[0]).toBeCloseTo(
        (8 * (1 - 0.5 ** steps)) / (1 - 0.75 * 0.5 ** steps),
        5,
      )
    }
  })

  test('a function sees the averages, and a value that it returns stays, though the variable has its own again', () => {
    const { v, ema } = single([8], { momentum: 0.5 })
    ema()
    const before = v.value
    const made: tf.Tensor[] = []
    expect(tensorsLeft(() => made.push(ema.replaceVars(() => v.value)()))).toBe(1)
    expect(made.map(numbers)).toEqual([[4]])
    expect(v.value).toBe(before)
    expect(numbers(v.value)).toEqual([8])
    expect(tf.tidy(() => tensorsLeft(() => ema.replaceVars(() => [v.value, v.value])()))).toBe(1)
    expect(tensorsLeft(() => tf.dispose(made))).toBe(-1)
  })

  test('arguments and results pass through, and what is assigned meanwhile is lost and freed', () => {
    const { v, ema } = single([8], { momentum: 0.5 })
    const made = tensorsLeft(() => {
      const f = ema.replaceVars((x: number, text: string) => {
        v.assign(tf.ones([1]))
        v.assign(tf.zeros([1]))
        return `${text} ${x}`
      })
      expect(f(3, 'x is')).toBe('x is 3')
    })
    expect([made, numbers(v.value)]).toEqual([0, [8]])
  })

  test('a function that throws frees what it made, and passes its error on', () => {
    const { v, ema } = single([8])
    const error = new Error('out of cheese')
    const failing = ema.replaceVars((): tf.Tensor => {
      v.assign(v.value.add(1))
      throw error
    })
    expect(tensorsLeft(() => expect(failing).toThrow(error))).toBe(0)
    expect(numbers(v.value)).toEqual([8])
  })

  test('a promise is refused, since the averages are gone when it is kept', () => {
    const { v, ema } = single([8])
    expect(() => ema.replaceVars(async () => v.value)()).toThrow(
      /replaceVars: expected a result, given a promise/,
    )
    expect(numbers(v.value)).toEqual([8])
  })

  test('swaps may be nested, and a step within is undone', () => {
    const { v, ema } = single([8], { momentum: 0.5 })
    ema()
    const opt = new objax.optimizer.SGD(new objax.VarCollection({ v }))
    const grads = [tf.ones([1])]
    const seen = ema.replaceVars(() => {
      opt(1, grads)
      return [numbers(v.value), ema.replaceVars(() => numbers(v.value))(), numbers(v.value)]
    })()
    expect(seen).toEqual([[3], [4], [3]])
    expect(numbers(v.value)).toEqual([8])
  })

  test('integers are averaged as floats, and random states are not', () => {
    const count = new objax.StateVar(tf.tensor1d([4, 8], 'int32'))
    const vc = new objax.VarCollection({ count, rng: new objax.RandomState(0) })
    const ema = new ExponentialMovingAverage(vc, { momentum: 0.5 })
    ema()
    expect(ema.replaceVars(() => numbers(count.value))()).toEqual([2, 4])
    expect([ema.refs.length, count.dtype]).toEqual([1, 'int32'])
  })

  test('hyperparameters may be set later, a misspelt one is refused', () => {
    const { v, ema } = single([8])
    ema.momentum = 0
    ema()
    expect(ema.replaceVars(() => numbers(v.value))()).toEqual([8])
    expect(() => single([8], { decay: 0.9 } as object)).toThrow(/ExponentialMovingAverage\.decay/)
  })

  test('prints itself as Objax does, so does its module', () => {
    const args = '(momentum=0.9, debias=True, eps=1e-06)'
    expect(String(single([8], { momentum: 0.9, debias: true }).ema)).toBe(
      `objax.optimizer.ExponentialMovingAverage${args}`,
    )
    const module = new ExponentialMovingAverageModule(new objax.nn.Linear(2, 3), {
      momentum: 0.9,
      debias: true,
    })
    expect(String(module)).toBe(`objax.optimizer.ExponentialMovingAverageModule${args}`)
    expect([...module.vars().keys()]).toEqual([
      '(ExponentialMovingAverageModule)(Linear).b',
      '(ExponentialMovingAverageModule)(Linear).w',
      '(ExponentialMovingAverageModule).ema(ExponentialMovingAverage).step',
      '(ExponentialMovingAverageModule).ema(ExponentialMovingAverage).refs(ModuleList)[0]',
      '(ExponentialMovingAverageModule).ema(ExponentialMovingAverage).refs(ModuleList)[1]',
      '(ExponentialMovingAverageModule).ema(ExponentialMovingAverage).m(ModuleList)[0]',
      '(ExponentialMovingAverageModule).ema(ExponentialMovingAverage).m(ModuleList)[1]',
    ])
  })
})
