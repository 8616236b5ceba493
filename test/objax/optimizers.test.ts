import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { adam } from 'gradpipe'
import { beforeAll, describe, expect, test } from 'vitest'
import * as objax from '../../src/objax/index.js'
import { step } from '../../src/transform/step.js'
import type { GradientTransformation } from '../../src/transform/transformation.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { type Call, camelKeys, expectGolden, goldens, leavesOf, toTensor } from './objax.js'

await tf.setBackend('cpu')

/** An optimizer whose class is known only by name. */
type Optimizer = objax.Module<
  [lr: number, grads: readonly tf.Tensor[], options?: Readonly<Record<string, number>>],
  void
>

const { StateVar, TrainVar, VarCollection } = objax
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

describe.each(backends)('on the backend %s', (backend) => {
  beforeAll(() => useBackend(backend))

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
            tensorsLeft(() => opt(lr, grads, name === 'Adam' || name === 'Momentum' ? overrides : undefined)),
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

const single = (values: readonly number[] = [1, 2]) => {
  const v = new TrainVar(tf.tensor1d([...values]))
  return { v, vc: new VarCollection({ v }) }
}

describe('an optimizer', () => {
  test.each(Object.keys(classes))(
    '%s leaves as many tensors after a thousand steps as there were',
    (name) => {
      const { vc } = single()
      const opt = make(name, vc)
      const grads = [tf.tensor1d([0.5, -0.25])]
      const made = tensorsLeft(() => {
        for (let i = 0; i < 1000; i++) opt(1e-3, grads)
      })
      expect(made).toBe(0)
      expect(numbers(grads[0] ?? tf.zeros([0]))).toEqual([0.5, -0.25])
    },
  )

  test.each(Object.keys(classes))('%s borrows its gradients, and takes the same tensor for two', (name) => {
    const [a, b] = [new TrainVar(tf.ones([2])), new TrainVar(tf.ones([2]))]
    const opt = make(name, new VarCollection({ a, b }))
    const g = tf.tensor1d([1, -1])
    opt(0.1, [g, g])
    expect(numbers(a.value)).toEqual(numbers(b.value))
    expect(numbers(g)).toEqual([1, -1])
  })

  test.each(Object.keys(classes))('%s takes the value of a variable for its gradient', (name) => {
    const { v, vc } = single([2, 4])
    make(name, vc)(0.5, [v.value])
    expect(v.value.isDisposed).toBe(false)
  })

  test.each(Object.keys(classes))('%s has nothing to do without trainable variables', (name) => {
    make(name, new VarCollection({ s: new StateVar(tf.ones([2])) }))(0.1, [])
  })

  test.each(Object.keys(classes))('%s steps scalars and empty variables', (name) => {
    const [scalar, empty] = [new TrainVar(tf.scalar(1)), new TrainVar(tf.zeros([0, 3]))]
    make(name, new VarCollection({ scalar, empty }))(0.1, [tf.scalar(1), tf.zeros([0, 3])])
    expect([scalar.shape, empty.shape]).toEqual([[], [0, 3]])
    expect(numbers(scalar.value)[0]).toBeLessThan(1)
  })

  test.each(['Adam', 'Momentum', 'SGD'])('%s stretches a gradient that broadcasts, as Objax does', (name) => {
    const stepped = (gradient: tf.Tensor): readonly number[] => {
      const v = new TrainVar(tf.ones([2, 3]))
      make(name, new VarCollection({ v }))(0.1, [gradient])
      return numbers(v.value)
    }
    expect(stepped(tf.tensor2d([[1], [2]]))).toEqual(stepped(tf.tensor2d([1, 1, 1, 2, 2, 2], [2, 3])))
    expect(stepped(tf.tensor1d([1, 2, 3], 'int32'))).toEqual(stepped(tf.tensor2d([1, 2, 3, 1, 2, 3], [2, 3])))
  })

  test('a gradient of more dimensions than its variable is refused, even if they are of length 1', () => {
    const { vc } = single()
    expect(() => new SGD(vc)(1, [tf.ones([1, 2])])).toThrow(
      expect.objectContaining({ _tag: 'ShapeMismatch' }),
    )
  })

  test('LARS refuses a gradient that would broadcast, since its norm would mean nothing', () => {
    const { vc } = single()
    expect(() => new LARS(vc)(0.1, [tf.scalar(1)])).toThrow(
      expect.objectContaining({ _tag: 'ShapeMismatch' }),
    )
  })

  test('a variable of integers becomes one of floats, as in Objax', () => {
    const v = new TrainVar(tf.tensor1d([1, 2], 'int32'))
    new SGD(new VarCollection({ v }))(0.5, [tf.ones([2])])
    expect(numbers(v.value)).toEqual([0.5, 1.5])
  })

  test('a variable under two names is stepped once, references are not stepped', () => {
    const { v } = single()
    const other = new TrainVar(tf.ones([1]))
    const opt = new SGD(new VarCollection({ v, again: v, ref: new objax.TrainRef(other) }))
    expect(opt.train_vars.length).toBe(1)
    opt(1, [tf.ones([2])])
    expect(numbers(v.value)).toEqual([0, 1])
  })

  test('NaN and infinite learning rates are numbers, as in Objax', () => {
    const { v, vc } = single()
    new SGD(vc)(Number.NaN, [tf.ones([2])])
    expect(numbers(v.value)).toEqual([Number.NaN, Number.NaN])
  })

  test('the options of one step hold for that step', () => {
    const { v, vc } = single()
    const opt = new Momentum(vc, { momentum: 0.5 })
    opt(1, [tf.ones([2])], { momentum: 0 })
    opt(1, [tf.ones([2])])
    expect([numbers(v.value), opt.momentum]).toEqual([[-1.5, -0.5], 0.5])
  })

  test('hyperparameters may be set between steps', () => {
    const { v, vc } = single()
    const opt = new Momentum(vc)
    opt(1, [tf.ones([2])])
    opt.momentum = 0
    opt(1, [tf.ones([2])])
    expect(numbers(v.value)).toEqual([-1, 0])
  })

  test('a misspelt option is refused, in the constructor and in the call', () => {
    const { vc } = single()
    expect(() => new Adam(vc, { b1: 0.8 } as object)).toThrow(/Adam\.b1: expected one of beta1, beta2, eps/)
    const opt = new Adam(vc)
    expect(() => opt(1, [tf.ones([2])], { eps: 1 } as object)).toThrow(
      /Adam\.eps: expected one of beta1, beta2/,
    )
    expect(numbers(opt.step.value)).toEqual([0])
  })

  test('a module in place of its variables is refused', () => {
    const m = new objax.nn.Linear(2, 3)
    expect(() => new Adam(m as never)).toThrow(/VarCollection: expected variables, such as module\.vars\(\)/)
    expect(() => new Adam(null as never)).toThrow(expect.objectContaining({ _tag: 'InvalidArgument' }))
  })

  test('a record of variables is as good as a collection', () => {
    const { v } = single()
    new SGD({ v })(1, [tf.ones([2])])
    expect(numbers(v.value)).toEqual([0, 1])
  })

  test('a disposed variable or moment is refused before anything changes', () => {
    const { v, vc } = single()
    const opt = new Adam(vc)
    const w = new TrainVar(tf.ones([1]))
    const two = new Adam(new VarCollection({ v, w }))
    opt.m[0]?.dispose()
    w.dispose()
    expect(() => opt(1, [tf.ones([2])])).toThrow(expect.objectContaining({ _tag: 'Disposed' }))
    expect(() => two(1, [tf.ones([2]), tf.ones([1])])).toThrow(expect.objectContaining({ _tag: 'Disposed' }))
    expect([numbers(v.value), numbers(opt.step.value), numbers(two.step.value)]).toEqual([[1, 2], [0], [0]])
  })

  test('its state is variables, by name and by property, which may be saved and set', () => {
    const [one, other] = [single(), single()]
    const [opt, copy] = [new Adam(one.vc), new Adam(other.vc)]
    expect([...opt.vars().keys()]).toEqual([
      '(Adam).step',
      '(Adam).train_vars(ModuleList)[0]',
      '(Adam).m(ModuleList)[0]',
      '(Adam).v(ModuleList)[0]',
    ])
    const grads = [tf.tensor1d([1, -3])]
    opt(0.1, grads)
    copy.vars().assign(opt.vars().tensors())
    opt(0.1, grads)
    copy(0.1, grads)
    expect(copy.vars().tensors().map(numbers)).toEqual(opt.vars().tensors().map(numbers))
  })

  test('prints itself as Objax does', () => {
    const { vc } = single()
    expect(
      [new SGD(vc), new Momentum(vc, { nesterov: true }), new Adam(vc), new LARS(vc)].map(String),
    ).toEqual([
      'objax.optimizer.SGD()',
      'objax.optimizer.Momentum(momentum=0.9, nesterov=True)',
      'objax.optimizer.Adam(beta1=0.9, beta2=0.999, eps=1e-08)',
      'objax.optimizer.LARS(momentum=0.9, weight_decay=0.0001, tc=0.001, eps=1e-05)',
    ])
  })
})

describe('the rules behind the classes', () => {
  const gradients = fc.array(fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 8,
  })
  const p0 = new Float64Array([1, -2, 0.5])

  /** Where the parameters are after these gradients. */
  const follow = <S>(
    tx: GradientTransformation<S>,
    all: readonly (readonly number[])[],
    p = p0,
  ): Float64Array => {
    let params = p
    let state = tx.init(params)
    for (const g of all) [params, state] = step(tx)(params, state, new Float64Array(g))
    return params
  }
  const lr = 0.125
  const plain = Adam.transformation(lr, { eps: 0 })
  const nonzero = gradients.map((all) => all.map((g) => g.map((x) => x || 1)))

  test('Adam with eps = 0 is the Adam of Optax with eps = 0', () => {
    fc.assert(
      fc.property(nonzero, (all) => {
        const [ours, theirs] = [follow(plain, all), follow(adam(lr, { eps: 0 }), all)]
        for (const [i, x] of ours.entries()) expect(x).toBeCloseTo(theirs[i] ?? Number.NaN, 12)
      }),
    )
  })

  test('Adam with eps > 0 is not: eps stands inside the root, beside the uncorrected mean square', () => {
    const small = [[1e-4, 1e-4, 1e-4]]
    const ours = 1 - (follow(Adam.transformation(lr), small)[0] ?? 0)
    const theirs = 1 - (follow(adam(lr), small)[0] ?? 0)
    expect(ours).toBeCloseTo((0.125 * Math.sqrt(0.001) * 1e-4) / Math.sqrt(0.001 * 1e-8 + 1e-8), 12)
    expect(theirs).toBeCloseTo((0.125 * 1e-4) / (1e-4 + 1e-8), 12)
  })

  test('Adam goes the other way for the opposite gradients, exactly, and as far for their doubles', () => {
    const zero = new Float64Array(3)
    const times = (all: readonly (readonly number[])[], c: number) => all.map((g) => g.map((x) => c * x))
    fc.assert(
      fc.property(nonzero, (all) => {
        const there = follow(plain, all, zero)
        expect(follow(plain, times(all, -1), zero)).toEqual(there.map((x) => -x))
        expect(follow(plain, times(all, 2), zero)).toEqual(there)
      }),
    )
  })

  test('Adam without memory is the sign of the gradient', () => {
    const [g] = [[3, -5, 1]]
    expect([...follow(Adam.transformation(lr, { beta1: 0, beta2: 0, eps: 0 }), [g])]).toEqual([
      0.875, -1.875, 0.375,
    ])
  })

  test('a step of LARS is as long as its share of the parameters', () => {
    fc.assert(
      fc.property(nonzero, ([g = []]) => {
        const after = follow(LARS.transformation(0.5, { momentum: 0, weightDecay: 0, tc: 0.25, eps: 0 }), [g])
        expect(Math.hypot(...after.map((x, i) => x - (p0[i] ?? 0)))).toBeCloseTo(
          0.125 * Math.hypot(...p0),
          12,
        )
      }),
    )
  })

  test('where a norm is zero, the ratio of LARS is the greater of 1 and the fraction, up to tc / weightDecay', () => {
    const at = (tc: number, p: readonly number[], g: readonly number[]): number[] => [
      ...follow(
        LARS.transformation(1, { momentum: 0, weightDecay: 0.5, tc, eps: 0 }),
        [g],
        new Float64Array(p),
      ),
    ]
    expect(at(0.25, [2, 0], [0, 0])).toEqual([1, 0]) // ratio max(1, 0.25 / 0.5)
    expect(at(0.75, [2, 0], [0, 0])).toEqual([0.5, 0]) // ratio max(1, 0.75 / 0.5)
    expect(at(0.75, [0, 0], [2, 0])).toEqual([-2, 0]) // ratio 1
    expect(at(0.75, [0, 0], [0, 0])).toEqual([Number.NaN, Number.NaN]) // 0 / 0, as in Objax
  })

  test('tensors and Float32Arrays agree', () => {
    const tx = LARS.transformation(0.5, { momentum: 0.5, weightDecay: 0.1, tc: 0.1, eps: 1e-3 })
    for (const rule of [tx, Adam.transformation(lr)] as readonly GradientTransformation<object>[]) {
      const [p, g] = [Float32Array.from(p0), Float32Array.from([1, -3, 2])]
      const [onArrays] = step(rule)(p, rule.init(p), g)
      const tp = tf.tensor1d(p)
      const [onTensors] = step(rule)(tp, rule.init(tp), tf.tensor1d(g))
      for (const [i, x] of numbers(onTensors).entries()) expect(x).toBeCloseTo(onArrays[i] ?? Number.NaN, 6)
    }
  })
})
