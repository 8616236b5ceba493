/** The types of the class API: what is called with what, what comes out, and what the compiler refuses. */
import type * as tf from '@tensorflow/tfjs-core'
// `a.mul(b)` beside `tf.mul(a, b)`, as the union package brings it
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js'
import * as objax from 'gradpipe/objax'
import { describe, expectTypeOf, test } from 'vitest'

declare const x: tf.Tensor
declare const vc: objax.VarCollection

const { Adam, ExponentialMovingAverage, ExponentialMovingAverageModule, LARS, Momentum, SGD, scheduler } =
  objax.optimizer

describe('modules', () => {
  class Net extends objax.Module<
    [x: tf.Tensor, options?: { readonly training: boolean }],
    readonly [tf.Tensor, number]
  > {
    override __call__(input: tf.Tensor): readonly [tf.Tensor, number] {
      return [input, 1]
    }
  }

  test('an instance is called with the arguments that its class names', () => {
    const net = new Net()
    expectTypeOf(net).toBeCallableWith(x)
    expectTypeOf(net).toBeCallableWith(x, { training: true })
    expectTypeOf(net(x)).toEqualTypeOf<readonly [tf.Tensor, number]>()
    // @ts-expect-error: x is missing
    net()
    // @ts-expect-error: not a tensor
    net(3)
    // @ts-expect-error: no such option
    net(x, { train: true })
  })

  test('every module is a Module, and a function', () => {
    expectTypeOf(new Net()).toExtend<objax.Module>()
    expectTypeOf(new objax.ModuleList([x])).toExtend<objax.Module>()
    expectTypeOf(new Net()).toExtend<(x: tf.Tensor) => readonly [tf.Tensor, number]>()
    expectTypeOf<objax.Module>().not.toExtend<Net>()
  })

  test('a module of unknown arguments is not called by mistake', () => {
    const m = new objax.Module()
    // @ts-expect-error: nobody knows its arguments
    m(x)
    const list = new objax.ModuleList([new Net()])
    // @ts-expect-error: a list cannot be called
    list(x)
  })

  test('a list knows what it holds', () => {
    const list = new objax.ModuleList([new Net()])
    expectTypeOf(list[0]).toEqualTypeOf<Net | undefined>()
    expectTypeOf([...list]).toEqualTypeOf<Net[]>()
    expectTypeOf(list.slice(1)).toEqualTypeOf<objax.ModuleList<Net>>()
  })

  test('a function as a module has its arguments and its result', () => {
    const f = objax.Function.withVars(vc)((a: tf.Tensor, b: number) => `${a} ${b}`)
    expectTypeOf(f).toBeCallableWith(x, 3)
    expectTypeOf(f(x, 3)).toEqualTypeOf<string>()
    // @ts-expect-error: the variables are missing
    new objax.Function((a: tf.Tensor) => a)
  })
})

describe('variables', () => {
  test('a TrainVar is read by value and written by assign', () => {
    const v = new objax.TrainVar(x)
    expectTypeOf(v.value).toEqualTypeOf<tf.Tensor>()
    // @ts-expect-error: direct assignment is not allowed
    v.value = x
    // @ts-expect-error: not a tensor
    v.assign([1, 2])
  })

  test('state and references are written by value', () => {
    new objax.StateVar(x).value = x
    new objax.TrainRef(new objax.TrainVar(x)).value = x
    // @ts-expect-error: a reference is to a trainable variable
    new objax.TrainRef(new objax.StateVar(x))
  })

  test('a collection takes records, entries and collections, and filters by classes', () => {
    const v = new objax.TrainVar(x)
    expectTypeOf(objax.VarCollection).toBeConstructibleWith({ v })
    expectTypeOf(objax.VarCollection).toBeConstructibleWith([['v', v]])
    expectTypeOf(objax.VarCollection).toBeConstructibleWith(vc)
    expectTypeOf(vc.tensors([objax.TrainVar, objax.BaseState])).toEqualTypeOf<tf.Tensor[]>()
    // @ts-expect-error: not a class of variables
    vc.subset(Net)
    // @ts-expect-error: not a variable
    new objax.VarCollection({ v: x })
  })
})

class Net {}

describe('optimizers', () => {
  test('are called with a learning rate and gradients, and some with options', () => {
    const [sgd, momentum, adam, lars] = [new SGD(vc), new Momentum(vc), new Adam(vc), new LARS(vc)]
    expectTypeOf(sgd(1e-3, [x])).toEqualTypeOf<void>()
    expectTypeOf(adam).toBeCallableWith(1e-3, [x], { beta1: 0.8 })
    expectTypeOf(momentum).toBeCallableWith(1e-3, [x], { momentum: 0.8 })
    // @ts-expect-error: the learning rate is missing
    sgd([x])
    // @ts-expect-error: LARS has no option for a step
    lars(1e-3, [x], { momentum: 0.8 })
    // @ts-expect-error: eps cannot be changed for a step
    adam(1e-3, [x], { eps: 1 })
    // @ts-expect-error: the option is weightDecay
    new LARS(vc, { weight_decay: 0.1 })
  })

  test('their state is visible', () => {
    expectTypeOf(new Adam(vc).m).toEqualTypeOf<objax.ModuleList<objax.StateVar>>()
    expectTypeOf(new Adam(vc).step).toEqualTypeOf<objax.StateVar>()
  })

  test('an averaged module is called as the module is, a replaced function as the function is', () => {
    const m = new objax.nn.Sequential([new objax.nn.Linear(2, 3), new objax.nn.BatchNorm0D(3)])
    const mEma = new ExponentialMovingAverageModule(m, { momentum: 0.999, debias: true })
    expectTypeOf(mEma(x, { training: false })).toEqualTypeOf<tf.Tensor>()
    // @ts-expect-error: training is true or false
    mEma(x, { training: 'no' })
    const ema = new ExponentialMovingAverage(vc)
    expectTypeOf(ema).toBeCallableWith()
    expectTypeOf(ema.replaceVars((n: number) => [n])).toEqualTypeOf<(n: number) => number[]>()
    expectTypeOf(ema.refsAndValues()).toEqualTypeOf<[refs: objax.VarCollection, values: tf.Tensor[]]>()
  })

  test('a schedule is a function of the step', () => {
    expectTypeOf(new scheduler.StepDecay([1, 2])).toExtend<(step: number) => number>()
    // @ts-expect-error: maxStep is missing
    new scheduler.LinearAnnealing({ baseLr: 1 })
  })
})

describe('gradients', () => {
  test('are called as the loss is; the values are those of the loss, as a list', () => {
    const one = new objax.GradValues((a: tf.Tensor, b: number) => a.mul(b).sum(), vc)
    expectTypeOf(one).toBeCallableWith(x, 3)
    expectTypeOf(one(x, 3)).toEqualTypeOf<[grads: tf.Tensor[], values: [loss: tf.Tensor]]>()
    const more = new objax.GradValues((a: tf.Tensor) => [a.sum(), { size: a.size }, 'text'] as const, vc)
    expectTypeOf(more(x)[1]).toEqualTypeOf<[loss: tf.Tensor, { readonly size: number }, 'text']>()
    expectTypeOf(new objax.Grad(() => 3, null)()).toEqualTypeOf<tf.Tensor[]>()
    // @ts-expect-error: a text is no loss
    new objax.Grad(() => 'text', vc)
    // @ts-expect-error: indices stand in a list
    new objax.Grad(() => 3, vc, { inputArgnums: 0 })
  })
})

describe('layers', () => {
  test('BatchNorm asks whether it is trained', () => {
    const norm = new objax.nn.BatchNorm0D(3)
    // @ts-expect-error: training is missing
    norm(x)
    expectTypeOf(norm(x, { training: true })).toEqualTypeOf<tf.Tensor>()
  })

  test('a Sequential takes a tensor and keywords, or what it is told', () => {
    const m = new objax.nn.Sequential([new objax.nn.Linear(2, 3)])
    expectTypeOf(m(x)).toEqualTypeOf<tf.Tensor>()
    expectTypeOf(m.slice(0, -1)(x, { training: true })).toEqualTypeOf<tf.Tensor>()
    const pair = new objax.nn.Sequential<[a: number, b: number], string>([
      (a: number, b: number) => `${a + b}`,
    ])
    expectTypeOf(pair(1, 2)).toEqualTypeOf<string>()
    // @ts-expect-error: a layer is a module or a function
    new objax.nn.Sequential([x])
  })
})
