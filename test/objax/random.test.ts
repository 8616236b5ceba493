import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { GradpipeError } from '../../src/error.js'
import * as objax from '../../src/objax/index.js'
import { erf, erfInv } from '../../src/random/erf.js'
import { threefry } from '../../src/random/threefry.js'
import { numbers, tensorsLeft } from '../backends.js'
import { type GoldenLeaf, readGoldens } from '../golden/golden.js'
import { camelKeys, expectGolden } from './objax.js'

await tf.setBackend('cpu')

const { Generator } = objax.random

/** The file objax_random.json, made by the script beside it. */
interface RandomFile {
  readonly keys: readonly {
    readonly seed: number
    readonly start: GoldenLeaf
    readonly split: readonly GoldenLeaf[]
    readonly after: GoldenLeaf
  }[]
  readonly distributions: readonly {
    readonly name: string
    readonly args: readonly [shape: readonly number[], ...bounds: number[]]
    readonly config: Readonly<Record<string, number>>
    readonly values: readonly GoldenLeaf[]
  }[]
  readonly linear: readonly {
    readonly seed: number
    readonly layers: readonly (readonly [number, number])[]
    readonly w: readonly GoldenLeaf[]
  }[]
  readonly init: readonly {
    readonly name: string
    readonly config: Readonly<Record<string, number>>
    readonly value: GoldenLeaf
  }[]
}

const goldens = readGoldens<RandomFile>('objax_random')

/**
 * The random numbers of JAX agree to a few units of float32's last place: its erf_inv is a polynomial, too.
 */
const few = 1e-6 / 4

const words = (key: tf.Tensor): number[] => numbers(key).map((word) => word >>> 0)

describe('the random numbers of Objax on JAX', () => {
  test('the hash is that of the paper: its known answers', () => {
    expect(threefry([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe])
    expect(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7])
    expect(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0])
  })

  test.each(goldens.keys)('keys of the seed $seed agree bit for bit', ({ seed, start, split, after }) => {
    const state = new objax.RandomState(seed)
    expect(words(state.value)).toEqual(start.data)
    expect(state.split(3).map(words)).toEqual(split.map(({ data }) => data))
    expect(words(state.value)).toEqual(after.data)
  })

  test.each(
    goldens.distributions.map((run, i) => [`${i}: ${run.name} ${JSON.stringify(run.config)}`, run] as const),
  )('case %s', (label, { name, args: [shape, low = 0, high = 0], config, values }) => {
    const options = { ...camelKeys(config), generator: new Generator(7) }
    const draw: Readonly<Record<string, () => tf.Tensor>> = {
      uniform: () => objax.random.uniform(shape, options),
      normal: () => objax.random.normal(shape, options),
      truncated_normal: () => objax.random.truncatedNormal(shape, options),
      randint: () => objax.random.randint(shape, low, high, options),
    }
    const made = values.map(() => draw[name]?.())
    expectGolden(label, values, made, few)
    if (name === 'uniform' || name === 'randint') {
      expect(made.map((t) => t && numbers(t))).toEqual(values.map(({ data }) => data))
    }
  })

  test.each(goldens.linear)('the weights of new layers after the seed $seed', ({ seed, layers, w }) => {
    objax.random.DEFAULT_GENERATOR.seed(seed)
    expectGolden(
      'weights',
      w,
      layers.map(([nin, nout]) => new objax.nn.Linear(nin, nout).w.value),
      few,
    )
  })

  test.each(goldens.init)('$name $config', ({ name, config, value }) => {
    const { init } = objax.nn
    const make: Readonly<Record<string, (shape: readonly number[], options: object) => tf.Tensor>> = {
      xavier_normal: init.xavierNormal,
      kaiming_normal: init.kaimingNormal,
      truncated_normal: init.truncatedNormal,
      xavier_truncated_normal: init.xavierTruncatedNormal,
      kaiming_truncated_normal: init.kaimingTruncatedNormal,
      identity: init.identity,
    }
    objax.random.DEFAULT_GENERATOR.seed(1)
    expectGolden(name, value, make[name]?.([5, 4], config), few)
  })
})

describe('the error function', () => {
  test.each([
    [0, 0],
    [0.5, 0.5204998778130465],
    [-1, -0.8427007929497149],
    [2, 0.9953222650189527],
    [4, 0.9999999845827421],
    [7, 1],
    [Number.NEGATIVE_INFINITY, -1],
  ])('of %d', (x, y) => {
    expect(erf(x)).toBeCloseTo(y, 14)
  })

  test('is undone by its inverse, to float32', () => {
    for (let x = -3.5; x <= 3.5; x += 0.01) expect(erfInv(erf(x))).toBeCloseTo(x, 5)
    expect([erfInv(1), erfInv(-1), erfInv(0)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
    ])
  })
})

describe('a generator', () => {
  test('gives other numbers each time, and the same again from its seed', () => {
    const generator = new Generator(3)
    const draw = () => numbers(objax.random.normal([4], { generator }))
    const [first, second] = [draw(), draw()]
    expect(first).not.toEqual(second)
    generator.seed(3)
    expect([draw(), draw()]).toEqual([first, second])
  })

  test('goes on where it was when its state becomes a variable', () => {
    const [hidden, seen] = [new Generator(5), new Generator(5)]
    expect(words(seen())).toEqual(words(hidden()))
    expect(words(seen.key.value)).not.toEqual([0, 5])
    expect([words(seen()), words(seen())]).toEqual([words(hidden()), words(hidden())])
  })

  test('is a module with one variable, its key, which may be set', () => {
    const [from, to] = [new Generator(1), new Generator(2)]
    from()
    expect([...to.vars().keys()]).toEqual(['(Generator)._key'])
    to.vars().assign(from.vars().tensors())
    expect(words(to())).toEqual(words(from()))
    to.seed(9)
    expect([words(to()), String(to)]).toEqual([words(new Generator(9)()), 'objax.random.Generator(seed=9)'])
  })

  test('leaves no tensor behind but what it draws', () => {
    const generator = new Generator(0)
    expect(tensorsLeft(() => objax.random.uniform([3], { generator }).dispose())).toBe(0)
    expect(tensorsLeft(() => new objax.RandomState(0).dispose())).toBe(0)
    const state = new objax.RandomState(0)
    expect(tensorsLeft(() => tf.dispose(state.split(4)))).toBe(0)
    expect(tensorsLeft(() => state.seed(1))).toBe(0)
  })

  test('a seed that is no integer is refused', () => {
    expect(() => new Generator(0.5)).toThrow(GradpipeError)
    expect(() => new objax.RandomState(Number.NaN)).toThrow(/seed: expected an integer, given NaN/)
  })
})

describe('distributions', () => {
  const generator = new Generator(1)
  const sample = (t: tf.Tensor) => {
    const { mean, variance } = tf.moments(t)
    return { mean: numbers(mean)[0], stddev: Math.sqrt(numbers(variance)[0] ?? 0) }
  }

  test('have the moments that they should have', () => {
    const uniform = sample(objax.random.uniform([20000], { generator }))
    expect(uniform.mean).toBeCloseTo(0.5, 1.5)
    expect(uniform.stddev).toBeCloseTo(Math.sqrt(1 / 12), 1.5)
    const normal = sample(objax.random.normal([20000], { mean: -1, stddev: 3, generator }))
    expect(normal.mean).toBeCloseTo(-1, 1)
    expect(normal.stddev).toBeCloseTo(3, 1)
  })

  test('stay within their bounds', () => {
    const values = numbers(
      objax.random.truncatedNormal([5000], { stddev: 2, lower: -0.5, upper: 0.25, generator }),
    )
    expect(Math.min(...values)).toBeGreaterThan(-1)
    expect(Math.max(...values)).toBeLessThan(0.5)
    const integers = new Set(numbers(objax.random.randint([5000], -2, 3, { generator })))
    expect([...integers].sort((x, y) => x - y)).toEqual([-2, -1, 0, 1, 2])
  })

  test('a misspelt option is refused', () => {
    expect(() => objax.random.normal([2], { std: 1 } as object)).toThrow(/normal\.std: expected one of/)
  })
})
