import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import * as objax from '../../src/objax/index.js'
import { type Call, camelKeys, expectGolden, goldens, leavesOf, madeBy, toTensor } from './objax.js'

await tf.setBackend('cpu')

/** An optimizer whose class is known only by name. */
type Optimizer = objax.Module<
  [lr: number, grads: readonly tf.Tensor[], options?: Readonly<Record<string, number>>],
  void
>

const { Adam, LARS, Momentum, SGD } = objax.optimizer
const classes: Readonly<Record<string, (vc: objax.VarCollection, config?: object) => Optimizer>> = {
  Adam: (vc, config) => new Adam(vc, config),
  LARS: (vc, config) => new LARS(vc, config),
  Momentum: (vc, config) => new Momentum(vc, config),
  SGD: (vc) => new SGD(vc),
}

const make = (name: string, vc: objax.VarCollection, config?: object): Optimizer => {
  const create = classes[name]
  if (create === undefined) throw new Error(`no class ${name}`)
  return create(vc, config)
}

describe('optimizers', () => {
  describe.each(
    goldens.optimizers.map(
      (run, i) => [`${i}: ${run.name} ${JSON.stringify(run.config)} on ${run.inputs}`, run] as const,
    ),
  )(
    'the numbers of Objax, case %s',
    (label, { name, config, inputs, call, call_from, params, state, f32_dev }) => {
      test('agree, parameters and state, and no tensor is left over', () => {
        const given = goldens.inputs[inputs]
        if (given === undefined) throw new Error(`no inputs ${inputs}`)
        const before = tf.memory().numTensors
        const variables = leavesOf(given.params0).map((leaf) => new objax.TrainVar(toTensor(leaf)))
        const vc = new objax.VarCollection(variables.map((v, i) => [`v${i}`, v] as const))
        const opt = make(name, vc, camelKeys(config))
        given.grads.forEach((leaves, i) => {
          const step = String(i + 1)
          const { lr, ...overrides }: Call = { ...call, ...call_from?.[step] }
          const grads = leavesOf(leaves).map(toTensor)
          expect(
            madeBy(() => opt(lr, grads, name === 'Adam' || name === 'Momentum' ? overrides : undefined)),
          ).toBe(0)
          tf.dispose(grads)
          const golden = params[step]
          if (golden !== undefined)
            expectGolden(`${label}, step ${step}`, leavesOf(golden), vc.tensors(), f32_dev)
        })
        for (const [slot, golden] of Object.entries(state)) {
          const variable: unknown = Reflect.get(opt, slot)
          const tensors =
            variable instanceof objax.ModuleList
              ? variable.vars().tensors()
              : [...opt.vars().tensors(objax.StateVar).slice(0, 1)]
          expectGolden(`${label}, ${slot}`, leavesOf(golden), tensors, f32_dev)
        }
        opt.vars().dispose()
        vc.dispose()
        expect(tf.memory().numTensors).toBe(before)
      })
    },
  )
})
