import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import * as objax from '../../src/objax/index.js'
import { expectGolden, goldens, leavesOf, madeBy, numbers, toTensor } from './objax.js'

const { ExponentialMovingAverage, ExponentialMovingAverageModule } = objax.optimizer

describe.each(['cpu', 'wasm'])('on the backend %s', (backend) => {
  beforeAll(async () => {
    expect(await tf.setBackend(backend)).toBe(true)
  })

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
        expect(madeBy(() => ema())).toBe(0)
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
