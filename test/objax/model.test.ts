/**
 * The class API as a whole: any sequence of commands does to the variables what it does to a model in plain
 * numbers.
 */
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as objax from '../../src/objax/index.js'
import { numbers } from '../backends.js'

await tf.setBackend('cpu')

// the model

type Values = readonly (readonly number[])[]
type Hyper = Readonly<Record<string, number>>

/** An optimizer in plain numbers: what a step does to one element. */
interface Rule {
  readonly slots: readonly string[]
  readonly step: (
    hyper: Hyper,
  ) => (p: number, g: number, slots: readonly number[], t: number) => readonly number[]
}

const rules: Readonly<Record<string, Rule>> = {
  SGD: {
    slots: [],
    step:
      ({ lr = 0 }) =>
      (p, g) => [p - lr * g],
  },
  Momentum: {
    slots: ['m'],
    step:
      ({ lr = 0, momentum = 0.9 }) =>
      (p, g, [m = 0]) => {
        const next = g + momentum * m
        return [p - lr * next, next]
      },
  },
  Adam: {
    slots: ['m', 'v'],
    step:
      ({ lr = 0, beta1 = 0.9, beta2 = 0.999 }) =>
      (p, g, [m = 0, v = 0], t) => {
        const m1 = m + (1 - beta1) * (g - m)
        const v1 = v + (1 - beta2) * (g * g - v)
        const size = (lr * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t)
        return [p - (size * m1) / Math.sqrt(v1 + 1e-8), m1, v1]
      },
  },
}

interface Model {
  params: Values
  slots: readonly Values[]
  steps: number
  average: Values
  updates: number
}

const zip = (f: (...xs: readonly number[]) => number, ...values: readonly Values[]): Values =>
  (values[0] ?? []).map((row, i) => row.map((_, j) => f(...values.map((each) => each[i]?.[j] ?? Number.NaN))))

// the real one

type Optimizer = objax.Module<[lr: number, grads: readonly tf.Tensor[], options?: Hyper], void>

interface Real {
  readonly vars: objax.VarCollection
  readonly opt: Optimizer
  readonly ema: objax.optimizer.ExponentialMovingAverage
  readonly tensors: number
}

const MOMENTUM = 0.75
const DEBIAS = 1e-6
const start: Values = [[1, -2], [0.5]]

const toTensors = (values: Values): tf.Tensor[] => values.map((row) => tf.tensor1d([...row]))

const make = (name: string): Real => {
  const [a, b] = toTensors(start).map((t) => new objax.TrainVar(t))
  if (a === undefined || b === undefined) throw new Error('two variables')
  const vars = new objax.VarCollection({ a, b, again: a })
  const create: Readonly<Record<string, () => Optimizer>> = {
    SGD: () => new objax.optimizer.SGD(vars),
    Momentum: () => new objax.optimizer.Momentum(vars),
    Adam: () => new objax.optimizer.Adam(vars),
  }
  const opt = create[name]?.()
  if (opt === undefined) throw new Error(`no class ${name}`)
  const ema = new objax.optimizer.ExponentialMovingAverage(vars, {
    momentum: MOMENTUM,
    debias: true,
    eps: DEBIAS,
  })
  return { vars, opt, ema, tensors: tf.memory().numTensors }
}

const expectClose = (actual: readonly tf.Tensor[], expected: Values): void => {
  expect(actual.length).toBe(expected.length)
  actual.forEach((t, i) => {
    numbers(t).forEach((x, j) => {
      const y = expected[i]?.[j] ?? Number.NaN
      expect(Math.abs(x - y), `element ${i}.${j}: ${x}, not ${y}`).toBeLessThanOrEqual(
        1e-4 * (1 + Math.abs(y)),
      )
    })
  })
}

const averages = ({ average, updates }: Model): Values =>
  zip((m = 0) => m / (1 - (1 - DEBIAS) * MOMENTUM ** updates), average)

/** After every command, everything is as in the model, and there are as many tensors as at the start. */
const check = (model: Model, { vars, opt, ema, tensors }: Real): void => {
  expectClose(vars.tensors(), model.params)
  const state = opt.vars().subset(objax.StateVar).tensors()
  const own = opt instanceof objax.optimizer.Adam ? state.slice(1) : state
  expectClose(own, model.slots.flat())
  if (opt instanceof objax.optimizer.Adam) expect(numbers(opt.step.value)).toEqual([model.steps])
  expect(numbers(ema.step.value)).toEqual([model.updates])
  expectClose(ema.m.vars().tensors(), model.average)
  expect(tf.memory().numTensors).toBe(tensors)
}

// commands

abstract class Command implements fc.Command<Model, Real> {
  constructor(private readonly arguments_: unknown) {}
  check(): boolean {
    return true
  }
  run(model: Model, real: Real): void {
    this.apply(model, real)
    check(model, real)
  }
  abstract apply(model: Model, real: Real): void
  toString(): string {
    return `${this.constructor.name}(${JSON.stringify(this.arguments_)})`
  }
}

class Step extends Command {
  constructor(
    private readonly rule: Rule,
    private readonly lr: number,
    private readonly grads: Values,
    private readonly overrides: Hyper,
  ) {
    super([lr, grads, overrides])
  }
  apply(model: Model, { opt }: Real): void {
    const step = this.rule.step({ ...this.overrides, lr: this.lr })
    const results = [0, ...model.slots].map((_, k) =>
      zip(
        (p = 0, g = 0, ...slots) => step(p, g, slots, model.steps + 1)[k] ?? Number.NaN,
        model.params,
        this.grads,
        ...model.slots,
      ),
    )
    const [params = model.params, ...slots] = results
    model.params = params
    model.slots = slots
    model.steps += 1
    const grads = toTensors(this.grads)
    if (Object.keys(this.overrides).length === 0) opt(this.lr, grads)
    else opt(this.lr, grads, this.overrides)
    tf.dispose(grads)
  }
}

class FailingStep extends Command {
  constructor(private readonly how: 'few' | 'shape' | 'disposed') {
    super(how)
  }
  apply(_: Model, { opt }: Real): void {
    const grads = [tf.ones([2]), tf.ones([this.how === 'shape' ? 3 : 1])]
    if (this.how === 'few') tf.dispose(grads.pop())
    if (this.how === 'disposed') tf.dispose(grads[1])
    expect(() => opt(1, grads)).toThrow(
      expect.objectContaining({
        _tag: { few: 'GradientCount', shape: 'ShapeMismatch', disposed: 'Disposed' }[this.how],
      }),
    )
    tf.dispose(grads)
  }
}

class Average extends Command {
  apply(model: Model, { ema }: Real): void {
    model.average = zip((m = 0, p = 0) => MOMENTUM * m + (1 - MOMENTUM) * p, model.average, model.params)
    model.updates += 1
    ema()
  }
}

class Swap extends Command {
  constructor(private readonly how: 'read' | 'assign' | 'step' | 'throw' | 'nested') {
    super(how)
  }
  apply(model: Model, { vars, ema, opt }: Real): void {
    const before = vars.tensors()
    const expected = averages(model)
    const inside = (): readonly tf.Tensor[] => {
      expectClose(vars.tensors(), expected)
      if (this.how === 'assign') vars.assign([tf.ones([2]), tf.ones([1])])
      if (this.how === 'nested') expectClose(ema.replaceVars(() => vars.tensors())(), expected)
      if (this.how === 'throw') throw new Error('on purpose')
      return this.how === 'read' ? vars.tensors() : []
    }
    const swapped = ema.replaceVars(inside)
    if (this.how === 'throw') expect(swapped).toThrow('on purpose')
    else if (this.how === 'step') expect(() => ema.replaceVars(() => opt(1, []))()).toThrow()
    else {
      const seen = swapped()
      expectClose(seen, this.how === 'read' ? expected : [])
      tf.dispose([...seen])
    }
    expect(vars.tensors()).toEqual(before)
  }
}

class Assign extends Command {
  constructor(private readonly values: Values) {
    super(values)
  }
  apply(model: Model, { vars }: Real): void {
    model.params = this.values
    vars.assign(toTensors(this.values))
  }
}

class AssignOne extends Command {
  constructor(private readonly values: readonly number[]) {
    super(values)
  }
  apply(model: Model, { vars }: Real): void {
    model.params = [this.values, ...model.params.slice(1)]
    vars.get('again')?.assign(tf.tensor1d([...this.values]))
  }
}

class AssignItself extends Command {
  apply(_: Model, { vars }: Real): void {
    vars.assign(vars.tensors())
  }
}

class FailingAssign extends Command {
  apply(_: Model, { vars }: Real): void {
    const tensors = [tf.ones([2]), tf.ones([2])]
    expect(() => vars.assign(tensors)).toThrow(expect.objectContaining({ _tag: 'ShapeMismatch' }))
    tf.dispose(tensors)
  }
}

const element = fc.integer({ min: -16, max: 16 }).map((n) => n / 8)
const values: fc.Arbitrary<Values> = fc.tuple(fc.tuple(element, element), fc.tuple(element))
const lr = fc.integer({ min: 0, max: 4 }).map((n) => n / 16)

const overrides: Readonly<Record<string, fc.Arbitrary<Hyper>>> = {
  SGD: fc.constant({}),
  Momentum: fc.oneof(fc.constant({}), fc.constant({ momentum: 0.5 })),
  Adam: fc.oneof(fc.constant({}), fc.constant({ beta1: 0.5 }), fc.constant({ beta1: 0, beta2: 0.75 })),
}

describe.each(Object.entries(rules))('%s and an average of its variables', (name, rule) => {
  test('do what the model does, whatever the commands, and leave no tensor behind', () => {
    const all = fc.commands(
      [
        fc
          .tuple(lr, values, overrides[name] ?? fc.constant({}))
          .map(([rate, grads, given]) => new Step(rule, rate, grads, given)),
        fc
          .constantFrom('few' as const, 'shape' as const, 'disposed' as const)
          .map((how) => new FailingStep(how)),
        fc.constant(new Average([])),
        fc
          .constantFrom(
            'read' as const,
            'assign' as const,
            'step' as const,
            'throw' as const,
            'nested' as const,
          )
          .map((how) => new Swap(how)),
        values.map((given) => new Assign(given)),
        fc.tuple(element, element).map((given) => new AssignOne(given)),
        fc.constant(new AssignItself([])),
        fc.constant(new FailingAssign([])),
      ],
      { maxCommands: 30 },
    )
    fc.assert(
      fc.property(all, (commands) => {
        const before = tf.memory().numTensors
        const zeros = zip(() => 0, start)
        fc.modelRun(
          () => ({
            model: {
              params: start,
              slots: rule.slots.map(() => zeros),
              steps: 0,
              average: zeros,
              updates: 0,
            },
            real: make(name),
          }),
          commands,
        )
        // What the run leaves are the variables of the real one.
        expect(tf.memory().numTensors - before).toBe(
          2 + 2 * rule.slots.length + (name === 'Adam' ? 1 : 0) + 3,
        )
      }),
      { numRuns: 100 },
    )
  })
})
