import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { GradpipeError } from '../../src/error.js'
import * as objax from '../../src/objax/index.js'
import { truncatedStddev } from '../../src/objax/nn/truncatedStddev.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { expectGolden, goldens, toTensor } from './objax.js'

const { BatchNorm, BatchNorm0D, init, Linear, Sequential } = objax.nn

await tf.setBackend('cpu')

describe.each(backends)('on the backend %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(goldens.layers.map((run, i) => [`${i}: ${run.name}`, run] as const))(
    'the outputs of Objax agree, and no tensor is left over: case %s',
    (label, { name, nin, nout = nin, use_bias = true, config, weights, x, outputs, f32_dev }) => {
      const before = tf.memory().numTensors
      tf.tidy(() => {
        const w = weights.w && toTensor(weights.w)
        const xs = x.map(toTensor)
        if (name === 'Linear') {
          const layer = new Linear(nin, nout, { useBias: use_bias })
          if (w) layer.w.assign(w)
          if (weights.b && use_bias) layer.b?.assign(toTensor(weights.b))
          expectGolden(label, outputs, xs.map(layer), f32_dev)
          layer.vars().dispose()
          return
        }
        const layer = new BatchNorm0D(nin, config)
        if (weights.beta && weights.gamma) {
          layer.beta.assign(toTensor(weights.beta))
          layer.gamma.assign(toTensor(weights.gamma))
        }
        xs.forEach((batch, i) => {
          const training = layer(batch, { training: true })
          const [first = batch] = xs
          const seen = {
            training,
            running_mean: layer.running_mean.value,
            running_var: layer.running_var.value,
            not_training: layer(first, { training: false }),
          }
          expectGolden(`${label}, batch ${i}`, outputs[i] ?? null, seen, f32_dev)
        })
        layer.vars().dispose()
      })
      expect(tf.memory().numTensors).toBe(before)
    },
  )
})

describe('Linear', () => {
  test('acts on the last dimension of a tensor of any rank, and of an empty one', () => {
    const layer = new Linear(2, 3)
    for (const batch of [[], [4], [2, 5], [0], [2, 0, 3]]) {
      expect(layer(tf.ones([...batch, 2])).shape).toEqual([...batch, 3])
    }
  })

  test('without a bias it has one variable, and a zero stays zero', () => {
    const layer = new Linear(2, 3, { useBias: false, wInit: (shape) => tf.ones([...shape]) })
    expect([...layer.vars().keys()]).toEqual(['(Linear).w'])
    expect(numbers(layer(tf.tensor2d([[1, 2]])))).toEqual([3, 3, 3])
  })

  test('a call makes exactly its result', () => {
    const layer = new Linear(2, 3)
    const x = tf.ones([4, 2])
    expect(tensorsLeft(() => layer(x).dispose())).toBe(0)
    expect(tensorsLeft(() => layer(x))).toBe(1)
  })

  test('prints itself as Objax does', () => {
    expect(String(new Linear(2, 3))).toBe(
      'objax.nn.Linear(nin=2, nout=3, use_bias=True, w_init=xavierNormal)',
    )
  })

  test('a misspelt option is refused', () => {
    expect(() => new Linear(2, 3, { bias: false } as object)).toThrow(/Linear\.bias/)
  })
})

describe('BatchNorm', () => {
  test('a call that fails leaves the running averages as they were', () => {
    const norm = new BatchNorm0D(3)
    const before = norm.running_mean.value
    expect(() => norm(tf.ones([4, 5]), { training: true })).toThrow(GradpipeError)
    expect(norm.running_mean.value).toBe(before)
    expect(() => new BatchNorm([1, 3, 1], [0, 2])(tf.ones([3]), { training: true })).toThrow(GradpipeError)
  })

  test('in training the running averages are the only lasting change, and replace the old ones', () => {
    const norm = new BatchNorm0D(3)
    const x = tf.ones([4, 3])
    expect(tensorsLeft(() => norm(x, { training: true }).dispose())).toBe(0)
    expect(tensorsLeft(() => norm(x, { training: false }).dispose())).toBe(0)
  })

  test('takes a batch that broadcasts, as Objax does', () => {
    expect(new BatchNorm0D(3)(tf.ones([4, 1]), { training: false }).shape).toEqual([4, 3])
  })

  test('prints itself as Objax does', () => {
    expect(String(new BatchNorm0D(3))).toBe('objax.nn.BatchNorm0D(nin=3, momentum=0.999, eps=1e-06)')
    expect(String(new BatchNorm([1, 3, 1], [0, 2]))).toBe(
      'objax.nn.BatchNorm(dims=(1, 3, 1), redux=(0, 2), momentum=0.999, eps=1e-06)',
    )
  })
})

describe('Sequential', () => {
  test('keywords go to modules, and not to functions', () => {
    const given: unknown[][] = []
    const note = (...args: unknown[]): unknown => {
      given.push(args)
      return args[0]
    }
    class Note extends objax.Module<readonly unknown[], unknown> {
      override __call__(...args: unknown[]): unknown {
        return note(...args)
      }
    }
    const x = tf.ones([1])
    new Sequential([note, new Note(), new Sequential([new Note(), note])])(x, { training: true, more: 1 })
    const keywords = { training: true, more: 1 }
    expect(given).toEqual([[x], [x, keywords], [x, keywords], [x]])
  })

  test('a record as the only argument is the value', () => {
    const first = new Sequential<[{ readonly a: number }], number>([({ a }: { readonly a: number }) => a])
    expect(first({ a: 3 })).toBe(3)
  })

  test('an array from a layer is several arguments for the next, and an array at the end', () => {
    const both = (x: number): number[] => [x, 2 * x]
    const sum = (x: number, y: number): number => x + y
    expect(new Sequential<[number], number>([both, sum])(2)).toBe(6)
    expect(new Sequential<[number], number[]>([both])(2)).toEqual([2, 4])
  })

  test('an empty one returns its argument, or all of several, and asks for one', () => {
    expect(new Sequential<[number], number>()(2)).toBe(2)
    expect(new Sequential<[number, number], number[]>([])(1, 2)).toEqual([1, 2])
    expect(() => new Sequential<[], void>([])()).toThrow(GradpipeError)
  })

  test('an error names the layer, and keeps its kind and its cause', () => {
    const cause = new Error('out of cheese')
    const failing = (): never => {
      throw cause
    }
    const m = new Sequential<[tf.Tensor], tf.Tensor>([new Linear(2, 3), failing])
    expect(() => m(tf.ones([1, 4]))).toThrow(
      /^Sequential layer\[0\] objax\.nn\.Linear\(.*\) Linear: expected a tensor of shape \[\.\.\., 2\]/,
    )
    let thrown: unknown
    try {
      m(tf.ones([1, 2]))
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ message: 'Sequential layer[1] failing out of cheese', cause })
  })

  test('prints its layers as Objax does', () => {
    const { relu } = tf
    expect(String(new Sequential([new BatchNorm0D(3), new Sequential([relu]), (x: tf.Tensor) => x]))).toBe(
      [
        'objax.nn.Sequential(',
        '  [0] objax.nn.BatchNorm0D(nin=3, momentum=0.999, eps=1e-06)',
        '  [1] objax.nn.Sequential(',
        '    [0] relu',
        '  )',
        '  [2] <lambda>',
        ')',
      ].join('\n'),
    )
  })

  test('a part of it is a Sequential', () => {
    const m = new Sequential([new Linear(2, 3), tf.relu, new Linear(3, 1)])
    expect(m.slice(0, -1)).toBeInstanceOf(Sequential)
    expect(m.slice(0, -1)(tf.ones([5, 2])).shape).toEqual([5, 3])
  })

  test('a call frees what its layers made besides the result', () => {
    const m = new Sequential([new Linear(2, 3), tf.relu, new BatchNorm0D(3), new Linear(3, 1)])
    const x = tf.ones([4, 2])
    expect(tensorsLeft(() => m(x, { training: true }).dispose())).toBe(0)
  })
})

describe('init', () => {
  test('a gain depends on the shape as the papers say', () => {
    expect(init.xavierNormalGain([3, 4, 4])).toBeCloseTo(Math.sqrt(2 / 16), 15)
    expect(init.kaimingNormalGain([3, 4, 4])).toBeCloseTo(Math.sqrt(1 / 12), 15)
    expect(init.gainLeakyRelu()).toBeCloseTo(Math.sqrt(2 / 1.01), 15)
  })

  test.each([
    ['truncatedNormal', init.truncatedNormal([200, 100], { stddev: 0.5 }), 0.5],
    [
      'xavierTruncatedNormal',
      init.xavierTruncatedNormal([200, 100], { lower: -1, upper: 3 }),
      Math.sqrt(2 / 300),
    ],
    ['kaimingTruncatedNormal', init.kaimingTruncatedNormal([200, 100], { gain: 2 }), 2 / Math.sqrt(200)],
  ])('%s has the standard deviation that it is asked for', (_, values, stddev) => {
    const { variance } = tf.moments(values)
    expect(Math.sqrt(numbers(variance)[0] ?? 0) / stddev).toBeCloseTo(1, 1.5)
  })

  // of mpmath 1.3, by quadrature with 40 digits; the closed form subtracts, and is NaN for the last two
  test.each([
    [-2, 2, 0.8796256610342398],
    [-1, 3, 0.784946963404426],
    [0, Number.POSITIVE_INFINITY, 0.602810274989087],
    [8, 9, 0.11894764723502567],
    [0.5, 0.5001, 2.8867513452862276e-5],
    [20, 21, 0.049631244493875321],
    [Number.NEGATIVE_INFINITY, -30, 0.033223056931746826],
  ])('between %d and %d a normal distribution has the standard deviation %d', (lower, upper, stddev) => {
    expect(truncatedStddev(lower, upper) / stddev).toBeCloseTo(1, 7)
  })

  test.each(Object.entries(init).filter(([name]) => !/[gG]ain/.test(name)))(
    '%s makes one tensor',
    (_, make) => {
      expect(tensorsLeft(() => (make as (shape: readonly number[]) => unknown)([3, 2]))).toBe(1)
    },
  )

  test('an identity has two dimensions', () => {
    expect(numbers(init.identity([2, 3]))).toEqual([1, 0, 0, 0, 1, 0])
    expect(() => init.identity([2])).toThrow(GradpipeError)
  })
})
