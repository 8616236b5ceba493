/**
 * The misuses of the golden file: where Objax refuses, so do we; where it accepts, so do we, with the same
 * result. After a refusal nothing has changed: in two cases Objax has changed something by then, which is
 * said.
 */
import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { type ErrorTag, GradpipeError } from '../../src/error.js'
import * as objax from '../../src/objax/index.js'
import { expectGolden, goldens } from './objax.js'

await tf.setBackend('cpu')

const { Adam, ExponentialMovingAverage, LARS, Momentum, SGD, scheduler } = objax.optimizer

/** A misuse in our words. */
interface Misuse {
  /** Does it. */
  readonly run: () => unknown
  /** How it is refused; absent where it is accepted. */
  readonly tag?: ErrorTag
  /** What there is to see afterwards: the tensors of `value` in the file. */
  readonly seen?: () => unknown
  /** What is seen here, where Objax has changed something before it refused. */
  readonly unchanged?: readonly (readonly number[])[]
}

const pair = () => {
  const a = new objax.TrainVar(tf.zeros([2]))
  const b = new objax.TrainVar(tf.ones([3]))
  return { a, b, vc: new objax.VarCollection({ a, b }) }
}

const single = () => {
  const v = new objax.TrainVar(tf.zeros([2]))
  return { v, vc: new objax.VarCollection({ v }) }
}

/** As a caller without a compiler would. */
const untyped = (f: (...args: never) => unknown, ...args: readonly unknown[]): unknown =>
  (f as (...args: readonly unknown[]) => unknown)(...args)

const tooFew = (make: (vc: objax.VarCollection) => objax.Module<[number, tf.Tensor[]], void>): Misuse => {
  const { a, vc } = pair()
  const opt = make(vc)
  return { run: () => opt(0.1, [tf.zeros([2])]), tag: 'GradientCount', seen: () => a.value }
}

const misuses: Readonly<Record<string, () => Misuse>> = {
  'Adam: too few gradients': () => tooFew((vc) => new Adam(vc)),
  'LARS: too few gradients': () => tooFew((vc) => new LARS(vc)),
  'Momentum: too few gradients': () => tooFew((vc) => new Momentum(vc)),
  'SGD: too few gradients': () => tooFew((vc) => new SGD(vc)),
  'Adam: too many gradients': () => {
    const opt = new Adam(single().vc)
    return {
      run: () => opt(0.1, [tf.zeros([2]), tf.zeros([2])]),
      tag: 'GradientCount',
      seen: () => opt.step.value,
    }
  },
  'Adam: a gradient that does not broadcast': () => {
    const { a, vc } = pair()
    const opt = new Adam(vc)
    return {
      run: () => opt(0.1, [tf.ones([2]), tf.ones([4])]),
      tag: 'ShapeMismatch',
      seen: () => [opt.step.value, a.value],
      unchanged: [[0], [0, 0]],
    }
  },
  'SGD: a gradient that broadcasts to a larger shape': () => {
    const { v, vc } = single()
    return { run: () => new SGD(vc)(0.1, [tf.ones([3, 2])]), tag: 'ShapeMismatch', seen: () => v.value }
  },
  'SGD: a gradient that broadcasts to the same shape': () => {
    const { v, vc } = single()
    return { run: () => new SGD(vc)(0.1, [tf.ones([])]), seen: () => v.value }
  },
  'SGD: no learning rate': () => {
    const opt = new SGD(single().vc)
    return { run: () => untyped(opt, [tf.zeros([2])]), tag: 'InvalidArgument' }
  },
  'TrainVar: direct assignment': () => {
    const { v } = single()
    return {
      run: () => {
        v.value = tf.ones([2]) as never
      },
      tag: 'InvalidArgument',
      seen: () => v.value,
    }
  },
  'TrainVar: assign of another shape': () => {
    const { v } = single()
    return { run: () => v.assign(tf.ones([3])), tag: 'ShapeMismatch', seen: () => v.value }
  },
  'TrainVar: assign of a list': () => {
    const { v } = single()
    return {
      run: () => untyped((list: tf.Tensor) => v.assign(list), [1, 2]),
      tag: 'InvalidLeaf',
      seen: () => v.value,
    }
  },
  // JavaScript asks nobody whether an object is true; but it asks what it is as a number.
  'TrainVar: as a bool': () => ({ run: () => Number(single().v) + 1, tag: 'InvalidArgument' }),
  'StateVar: value of another shape is taken': () => {
    const s = new objax.StateVar(tf.zeros([2]))
    return {
      run: () => {
        s.value = tf.ones([3])
      },
      seen: () => s.value,
    }
  },
  'StateVar: assign of another shape': () => {
    const s = new objax.StateVar(tf.zeros([2]))
    return { run: () => s.assign(tf.ones([3])), tag: 'ShapeMismatch', seen: () => s.value }
  },
  'TrainRef: value of another shape': () => {
    const { v } = single()
    return {
      run: () => {
        new objax.TrainRef(v).value = tf.ones([3])
      },
      tag: 'ShapeMismatch',
      seen: () => v.value,
    }
  },
  'VarCollection: assign of too few': () => {
    const { a, vc } = pair()
    return { run: () => vc.assign([tf.zeros([2])]), tag: 'InvalidArgument', seen: () => a.value }
  },
  'VarCollection: name conflict in update': () => {
    const { b, vc } = pair()
    return { run: () => vc.update(Object.entries({ a: b })), tag: 'DuplicateName' }
  },
  'VarCollection: name conflict in +': () => {
    const { b, vc } = pair()
    return { run: () => vc.add(new objax.VarCollection({ a: b })), tag: 'DuplicateName' }
  },
  'VarCollection: the same variable twice is fine': () => {
    const { a, vc } = pair()
    return { run: () => vc.update(Object.entries({ a, c: a })), seen: () => tf.scalar([...vc].length) }
  },
  'VarCollection: assign that fails half way': () => {
    const { a, vc } = pair()
    return {
      run: () => vc.assign([tf.ones([2]), tf.zeros([4])]),
      tag: 'ShapeMismatch',
      seen: () => a.value,
      unchanged: [[0, 0]],
    }
  },
  // Nothing is compiled here, so there is no Jit, and no Vectorize: what is left of them is a Function.
  'Function: a Jit without variables': () => ({
    run: () => new objax.Function((x: tf.Tensor) => x, undefined as never),
    tag: 'InvalidArgument',
  }),
  'Vectorize: without variables': () => ({
    run: () => objax.Function.withVars(null as never)((x: tf.Tensor) => x),
    tag: 'InvalidArgument',
  }),
  'Grad: input_argnums not a tuple': () => ({
    run: () => new objax.Grad((x: tf.Tensor) => x.sum(), single().vc, { inputArgnums: 0 as never }),
    tag: 'InvalidArgument',
  }),
  'Grad: input_argnums out of range': () => {
    const g = new objax.Grad((x: tf.Tensor) => x.sum(), single().vc, { inputArgnums: [1] })
    return { run: () => g(tf.ones([2])), tag: 'InvalidArgument' }
  },
  'Grad: a loss that is no scalar': () => {
    const { v, vc } = single()
    const g = new objax.Grad(() => v.value.mul(2), vc)
    return { run: () => g(), tag: 'ShapeMismatch', seen: () => v.value }
  },
  'Grad: no variables': () => {
    const g = new objax.Grad((x: tf.Tensor) => x.square().sum(), null, { inputArgnums: [0] })
    const made: tf.Tensor[] = []
    return { run: () => made.push(...g(tf.ones([2]))), seen: () => made }
  },
  'Module: not callable': () => {
    const m = new objax.Module()
    return { run: () => untyped(m), tag: 'InvalidArgument' }
  },
  'Linear: input of another width': () => {
    const m = new objax.nn.Linear(2, 3)
    return { run: () => m(tf.ones([4, 5])), tag: 'ShapeMismatch' }
  },
  'BatchNorm0D: without training': () => {
    const m = new objax.nn.BatchNorm0D(3)
    return { run: () => untyped(m, tf.ones([4, 3])), tag: 'InvalidArgument' }
  },
  'Sequential: the failing layer is named': () => {
    const m = new objax.nn.Sequential([new objax.nn.BatchNorm0D(3)])
    return { run: () => m(tf.ones([4, 3])), tag: 'InvalidArgument' }
  },
  'Sequential: empty returns its input': () => {
    const m = new objax.nn.Sequential([])
    const made: tf.Tensor[] = []
    return { run: () => made.push(m(tf.ones([2]))), seen: () => made[0] }
  },
  'LinearAnnealing: min_lr above base_lr': () => ({
    run: () => new scheduler.LinearAnnealing(10, { baseLr: 0.1, minLr: 0.2 }),
    tag: 'InvalidArgument',
  }),
  'EMA: replace_vars restores after an exception': () => {
    const { v, vc } = single()
    const ema = new ExponentialMovingAverage(vc, { momentum: 0.5 })
    v.assign(tf.ones([2]))
    ema()
    const failing = ema.replaceVars((): never => {
      throw new GradpipeError('InvalidArgument', 'the function', 'no division', '1 / 0')
    })
    return { run: () => failing(), tag: 'InvalidArgument', seen: () => v.value }
  },
  'EMA: debias before the first update': () => {
    const { v, vc } = single()
    v.assign(tf.ones([2]))
    const ema = new ExponentialMovingAverage(vc, { momentum: 0.5, debias: true })
    const made: tf.Tensor[] = []
    return { run: () => made.push(ema.replaceVars(() => v.value)()), seen: () => made[0] }
  },
  'EMA: a variable that changed its shape since': () => {
    const s = new objax.StateVar(tf.zeros([2]))
    const ema = new ExponentialMovingAverage(new objax.VarCollection({ s }))
    return {
      run: () => {
        s.value = tf.ones([3])
        ema()
      },
      tag: 'ShapeMismatch',
      seen: () => [...ema.m].map(({ value }) => value),
    }
  },
}

describe('misuses', () => {
  test('each of the golden file has its counterpart', () => {
    expect(Object.keys(misuses).sort()).toEqual(goldens.errors.map(({ name }) => name).sort())
  })

  test.each(goldens.errors.map((error) => [error.name, error] as const))('%s', (name, { type, value }) => {
    const { run, tag, seen, unchanged } = misuses[name]?.() ?? {}
    expect(tag === undefined).toBe(type === null)
    if (tag === undefined) {
      run?.()
    } else {
      let thrown: unknown
      try {
        run?.()
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(GradpipeError)
      expect(thrown).toMatchObject({ _tag: tag })
    }
    expect(seen !== undefined).toBe(value !== undefined)
    if (seen === undefined || value === undefined) return
    if (unchanged === undefined) expectGolden(name, value, seen(), 0)
    else expect([seen()].flat().map((t) => t instanceof tf.Tensor && [...t.dataSync()])).toEqual(unchanged)
  })
})
