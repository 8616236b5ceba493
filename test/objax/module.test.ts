import { inspect } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { GradpipeError } from '../../src/error.js'
import * as objax from '../../src/objax/index.js'
import { numbers, tensorsLeft } from '../backends.js'

await tf.setBackend('cpu')

const { Module, ModuleList, StateVar, TrainVar } = objax

class Scale extends Module<[x: tf.Tensor, by?: number], tf.Tensor> {
  readonly k = new TrainVar(tf.scalar(2))
  readonly note = 'text'
  protected readonly _calls = new StateVar(tf.scalar(0))

  override __call__(x: tf.Tensor, by = 1): tf.Tensor {
    this._calls.value = this._calls.value.add(1)
    return x.mul(this.k.value).mul(by)
  }
}

class Net extends Module<[x: tf.Tensor], tf.Tensor> {
  readonly first = new Scale()
  readonly list = new ModuleList([new Scale(), new TrainVar(tf.zeros([3]))])
  readonly unseen = [new Scale()]
  readonly #hidden = new Scale()

  override __call__(x: tf.Tensor): tf.Tensor {
    return this.#hidden(this.first(x))
  }
}

const names = (module: objax.Module, scope?: string): string[] => [...module.vars(scope).keys()]

describe('a module', () => {
  test('is called like a function, in every way that a function is', () => {
    const m = new Scale()
    const x = tf.tensor1d([1, 2])
    const calls: unknown[] = [
      m(x, 3),
      m.__call__(x, 3),
      m.call(undefined, x, 3),
      m.apply(null, [x, 3]),
      m.bind(null, x)(3),
      [x].map((each) => m(each, 3))[0],
      Reflect.apply(m, undefined, [x, 3]),
    ]
    expect(calls.map((y) => y instanceof tf.Tensor && numbers(y))).toEqual(Array(7).fill([6, 12]))
    expect(typeof m).toBe('function')
    expect([m instanceof Scale, m instanceof Module, m instanceof Function]).toEqual([true, true, true])
    expect(tf.util.isFunction(m)).toBe(true)
    expect(numbers(tf.grad((y: tf.Tensor) => m(y).sum())(x))).toEqual([2, 2])
  })

  test('has only the properties that its class gives it, in their order', () => {
    expect(Object.keys(new Scale())).toEqual(['k', 'note', '_calls'])
  })

  test('may have properties of the names that functions have', () => {
    class Named extends Module<[], string> {
      override name: string
      override length = new StateVar(tf.scalar(0))
      constructor(name: string) {
        super()
        this.name = name
      }
      override __call__(): string {
        return this.name
      }
    }
    const named = new Named('Ada')
    expect(named()).toBe('Ada')
    expect(Object.keys(named)).toEqual(['name', 'length'])
    expect(names(named)).toEqual(['(Named).length'])
  })

  test('without a __call__ cannot be called', () => {
    class Silent extends Module {}
    const silent: () => unknown = new Silent() as never
    expect(silent).toThrow(/^Silent: expected a class with a method __call__/)
  })

  test('a class of a class is called by its own __call__', () => {
    class Twice extends Scale {
      override __call__(x: tf.Tensor): tf.Tensor {
        return super.__call__(x, 2)
      }
    }
    expect(numbers(new Twice()(tf.scalar(1)))).toEqual([4])
  })

  test('prints its class', () => {
    expect([String(new Scale()), inspect(new Scale()), String(new Module())]).toEqual([
      'Scale()',
      'Scale()',
      'objax.Module()',
    ])
  })

  test('a call frees what it makes, but not its result, nor what variables own, nor what was there', () => {
    const m = new Scale()
    const x = tf.ones([2])
    const results: tf.Tensor[] = []
    expect(tensorsLeft(() => results.push(m(x)))).toBe(1)
    expect([results[0]?.isDisposed, x.isDisposed, m.k.value.isDisposed]).toEqual([false, false, false])
    expect(tensorsLeft(() => tf.tidy(() => void m(x)))).toBe(0)
  })

  test('a result may be a record or a list of tensors', () => {
    class Both extends Module<
      [x: tf.Tensor],
      { readonly twice: tf.Tensor; readonly list: readonly tf.Tensor[] }
    > {
      override __call__(x: tf.Tensor) {
        return { twice: x.mul(2), list: [x.add(1).mul(2), x] }
      }
    }
    const x = tf.scalar(3)
    expect(tensorsLeft(() => tf.dispose([Object.values(new Both()(x)).flat()]))).toBe(-1) // x was a part of the result
  })

  test('a promise as the result is refused, and nothing is left over', () => {
    class Later extends Module<[], Promise<void>> {
      override async __call__(): Promise<void> {
        tf.zeros([2])
      }
    }
    expect(tensorsLeft(() => expect(() => new Later()()).toThrow(GradpipeError))).toBe(0)
  })
})

describe('the variables of a module', () => {
  test('are named by class and property, those of arrays and #private properties are not found', () => {
    expect(names(new Net())).toEqual([
      '(Net).first(Scale).k',
      '(Net).first(Scale)._calls',
      '(Net).list(ModuleList)[0](Scale).k',
      '(Net).list(ModuleList)[0](Scale)._calls',
      '(Net).list(ModuleList)[1]',
    ])
    expect(names(new Scale(), 'here.')).toEqual(['here.(Scale).k', 'here.(Scale)._calls'])
  })

  test('a module that wraps another stands before it, without a name between', () => {
    class Wrap extends Module {
      readonly __wrapped__ = new Scale()
      readonly own = new Scale()
    }
    expect(names(new Wrap())).toEqual([
      '(Wrap)(Scale).k',
      '(Wrap)(Scale)._calls',
      '(Wrap).own(Scale).k',
      '(Wrap).own(Scale)._calls',
    ])
  })

  test('are named by the class that a minifier cannot rename', () => {
    const minified = class a extends Module {
      static readonly __qualname__: string = 'app.models.Net'
      readonly v = new TrainVar(tf.zeros([]))
    }
    const m = new minified()
    expect(names(m)).toEqual(['(Net).v'])
    expect(String(m)).toBe('app.models.Net()')
    expect(names(new (class b extends minified {})())).toEqual(['(b).v'])
  })

  test('are those of the moment', () => {
    class Growing extends Module {
      layers = new ModuleList<objax.Module>()
    }
    const m = new Growing()
    expect(names(m)).toEqual([])
    m.layers.push(new Scale())
    expect(names(m)).toEqual([
      '(Growing).layers(ModuleList)[0](Scale).k',
      '(Growing).layers(ModuleList)[0](Scale)._calls',
    ])
  })
})

describe('a list of modules', () => {
  const [a, b, c] = [new Scale(), new TrainVar(tf.zeros([])), new Scale()]

  test('is read by index, iterated, cut and extended', () => {
    const list = new ModuleList<objax.Module | objax.BaseVar>([a, b])
    expect([list.length, list[0], list.at(-1), list[2]]).toEqual([2, a, b, undefined])
    expect(list.push(c)).toBe(3)
    expect([...list]).toEqual([a, b, c])
    expect([...list.slice(1)]).toEqual([b, c])
    expect(list.slice(-1)).toBeInstanceOf(ModuleList)
    list[0] = c
    expect([...list]).toEqual([c, b, c])
    expect(Object.keys(list)).toEqual(['0', '1', '2'])
  })

  test('names its variables by index, passing over what is neither variable nor module', () => {
    expect(names(new ModuleList<unknown>([b, tf.relu, null, 3, new ModuleList([b])]))).toEqual([
      '(ModuleList)[0]',
      '(ModuleList)[4](ModuleList)[0]',
    ])
  })

  test('cannot be called', () => {
    const list: () => unknown = new ModuleList([a]) as never
    expect(list).toThrow(GradpipeError)
  })

  test('prints its items, indented', () => {
    expect(String(new ModuleList([b, new ModuleList([a])]))).toBe(
      [
        'objax.ModuleList(',
        '  [0] objax.TrainVar(shape=(), dtype=float32)',
        '  [1] objax.ModuleList(',
        '    [0] Scale()',
        '  )',
        ')',
      ].join('\n'),
    )
  })

  test('takes a list that is longer than a call can be', () => {
    const items = Array<null>(200_000).fill(null)
    expect(new ModuleList(items)[199_999]).toBe(null)
  })
})

describe('a function as a module', () => {
  const m = new Scale()

  test('names its variables by the function, or by nothing if it is a module', () => {
    const loss = (x: tf.Tensor): tf.Tensor => m(x)
    expect(names(new objax.Function(loss, m.vars()))).toEqual(['{loss}(Scale).k', '{loss}(Scale)._calls'])
    expect(names(new objax.Function(m, m.vars()), 's.')).toEqual(['s.(Scale).k', 's.(Scale)._calls'])
    const lambda = objax.Function.withVars({ k: m.k })((x: tf.Tensor) => x)
    expect(names(lambda)).toEqual(['{<lambda>}k'])
    expect([loss, m, (x: tf.Tensor) => x].map((f) => String(new objax.Function(f, {})))).toEqual([
      'objax.Function(f=loss)',
      'objax.Function(f=Scale)',
      'objax.Function(f=<lambda>)',
    ])
  })

  test('is called as the function is, and frees what the function leaves behind', () => {
    const f = new objax.Function((x: tf.Tensor, y: tf.Tensor) => m(x).add(y).square(), m.vars())
    const [x, y] = [tf.scalar(1), tf.scalar(1)]
    expect(numbers(f(x, y))).toEqual([9])
    expect(tensorsLeft(() => f(x, y).dispose())).toBe(0)
  })
})
