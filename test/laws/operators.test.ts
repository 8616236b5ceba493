/** Every operator on special numbers and on those of every exponent: in float64, in float32, on tensors, fused. */
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { Block, compare, follow, type Kind, type Trial, ulpDistance } from '../../laws/index.js'
import { tidily } from '../../laws/tensor.js'
import { kernelStatistics } from '../../src/index.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../src/rule/expr.js'
import { type TensorInterpreter, withInterpreter } from '../../src/tfjs/index.js'
import { type RuleSketch, type Sketch, transformationOf } from './randomRule.js'

/** How tensors are computed, whatever the backend would choose. */
let interpreter: TensorInterpreter = 'tensor'

const followed: typeof follow = (tx, on, kind) => withInterpreter(interpreter, () => follow(tx, on, kind))

const inert: Omit<RuleSketch, 'update'> = { m: 'm', l: 'l', r: 'r' }

const specials: readonly number[] = [
  0,
  -0,
  1,
  -1,
  2.5,
  -2.5,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
]

/** Every pair of special values, as gradient and parameter of one leaf. */
const pairs: Trial = {
  params: new Block([specials.length ** 2], Float64Array.from(specials.flatMap(() => specials))),
  grads: [
    new Block([specials.length ** 2], Float64Array.from(specials.flatMap((x) => specials.map(() => x)))),
  ],
}

/** Numbers of all exponents, by Marsaglia's xorshift of 32 bits. */
const random: Trial = (() => {
  const view = new DataView(new ArrayBuffer(4))
  let state = 20
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    view.setInt32(0, state)
    return view.getFloat32(0)
  }
  const block = (): Block => new Block([4099], Float64Array.from({ length: 4099 }, next))
  return { params: block(), grads: [block()] }
})()

const updates = (sketch: Sketch, kind: Kind, on: Trial): Float64Array => {
  const [update = null] = followed(transformationOf({ ...inert, update: sketch }), on, kind).updates
  if (!(update instanceof Block)) throw new Error('one leaf')
  return update.data
}

const shown = (x: number | undefined): string => (Object.is(x, -0) ? '-0' : String(x))

/** Where tensors differ from numbers in float32 by more than `ulps`, in words. */
const differences = (sketch: Sketch, ulps: number, kind: Kind = 'tensor'): readonly string[] =>
  [pairs, random].flatMap((on) => {
    const [expected, given] = [updates(sketch, 'float32', on), tidily(() => updates(sketch, kind, on))]
    const [grads, params] = [on.grads[0], on.params]
    if (!(grads instanceof Block && params instanceof Block)) throw new Error('one leaf')
    return [...expected].flatMap((x, i) =>
      ulpDistance('float32')(x, given[i] ?? Number.NaN) <= ulps
        ? []
        : [
            `g = ${shown(grads.data[i])}, p = ${shown(params.data[i])}: ${shown(x)}, tensors ${shown(given[i])}`,
          ],
    )
  })

const unary: readonly UnaryOp[] = ['neg', 'abs', 'sqrt', 'sign', 'floor', 'round']
const binary: readonly BinaryOp[] = ['add', 'sub', 'mul', 'div']
const choices: readonly BinaryOp[] = ['min', 'max']

/** Math.min(0, −0) is −0, tf.minimum gives its first argument. */
const ofTwoZeros = (found: string): boolean => /^g = -?0, p = -?0:/.test(found)

/** JavaScript's 1 ** Infinity is NaN, the C of the WASM backend makes it 1. */
const ofOnes = (found: string): boolean => /^g = -?1, p = (-?Infinity|NaN): NaN, tensors 1$/.test(found)

const compares: readonly CompareOp[] = ['lt', 'le', 'eq', 'ne']
/** Approximated: on the CPU by JavaScript's own functions, in the WASM of TensorFlow.js by those of C. */
const approximate: readonly UnaryOp[] = ['exp', 'log', 'tanh', 'sigmoid']

/** Made of float32 operations on every backend, within 2 ulps. */
const ours: readonly UnaryOp[] = ['sin', 'cos', 'erf']

/** How far tensors' own sines and cosines reach, which beyond are the backend's. */
const beyond = (found: string): boolean => {
  const size = Math.abs(Number(/^g = (\S+),/.exec(found)?.[1]))
  return size >= 6400 && size < Number.POSITIVE_INFINITY
}

const every: readonly (readonly [string, Sketch])[] = [
  ...[...unary, ...approximate, ...ours].map((op) => [op, [op, 'g']] as const),
  ...[...binary, ...choices, 'pow' as const].map((op) => [op, [op, 'g', 'p']] as const),
  ...compares.map((op) => [`select by ${op}`, ['select', op, 'g', 'p', 'g', 'p']] as const),
]

test.each(every)('%s of numbers in float64, rounded once, is that of float32, bit for bit', (_, sketch) => {
  expect(differences(sketch, 0, 'float64')).toEqual([])
})

describe.each(['wasm', 'cpu'] as const)('fused on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend)
    expect(tf.getBackend()).toBe(backend)
    interpreter = backend
  })

  test.each(every)('%s is that of numbers, bit for bit', (_, sketch) => {
    const { launches } = kernelStatistics()
    expect(differences(sketch, 0)).toEqual([])
    expect(kernelStatistics().launches).toBeGreaterThan(launches)
  })
})

/** How many ulps of float32 what is approximated may be off, by backend. */
const near = [
  ['cpu', 0],
  ['wasm', 2],
] as const

describe.each(near)('operator by operator on %s', (backend, ulps) => {
  beforeAll(async () => {
    await tf.setBackend(backend)
    expect(tf.getBackend()).toBe(backend)
    interpreter = 'tensor'
  })

  test.each(unary)('%s is that of numbers, bit for bit', (op) => {
    expect(differences([op, 'g'], 0)).toEqual([])
  })

  test.each(binary)('%s is that of numbers, bit for bit', (op) => {
    expect(differences([op, 'g', 'p'], 0)).toEqual([])
  })

  test.each(choices)('%s is that of numbers; which of two zeros is open', (op) => {
    expect(differences([op, 'g', 'p'], 0).filter((found) => !ofTwoZeros(found))).toEqual([])
  })

  test('pow is as near; of ±1 to what is not finite it is open, and 1 in C', () => {
    expect(differences(['pow', 'g', 'p'], ulps).filter((found) => !ofOnes(found))).toEqual([])
  })

  test.each(compares)('select by %s is that of numbers', (op) => {
    expect(differences(['select', op, 'g', 'p', 1, 0], 0)).toEqual([])
    expect(differences(['select', op, 'g', 'p', 'g', 'p'], 0)).toEqual([])
  })

  test.each(approximate)(`%s is within ${ulps} ulps`, (op) => {
    expect(differences([op, 'g'], ulps)).toEqual([])
  })

  test.each(ours)('%s is within 2 ulps, and of special values that of numbers', (op) => {
    expect(differences([op, 'g'], 2).filter((found) => op === 'erf' || !beyond(found))).toEqual([])
    expect(differences([op, 'g'], 0).filter((found) => /^g = (-?0|NaN|-?Infinity),/.test(found))).toEqual([])
  })

  test.each(['sum', 'max of'] as const)('%s over leaf and tree sees special values as numbers do', (kind) => {
    for (const over of ['leaf', 'tree'] as const) {
      const sketch = [kind, over, 'g'] as const
      for (const x of specials) {
        const on: Trial = {
          params: new Block([2], Float64Array.of(1, 1)),
          grads: [new Block([2], Float64Array.of(x, 1))],
        }
        const tx = transformationOf({ ...inert, update: sketch })
        const [expected = null] = followed(tx, on, 'float32').updates
        const [given = null] = tidily(() => followed(tx, on, 'tensor')).updates
        expect(
          compare(`${kind} over ${over} of ${x} and 1`, expected, given, { ulps: 0 }, 'float32'),
        ).toBeNull()
      }
    }
  })
})
